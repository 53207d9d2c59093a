"""The installed module, over the samples. Run it from elsewhere than the checkout: .ci/try-wheel does."""
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from decimal import Decimal

import gongkai

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "data" / "sample"
PAGE = SAMPLES / "www.xzgl.example.gov.cn" / "sfj" / "0106" / "2023" / "page.html"
# A place that globs and SQL could misread.
ODD = "o'neil [1] {a,b}"


def program(*arguments: object) -> None:
    subprocess.run([gongkai.binary(), *map(str, arguments)], check=True, capture_output=True)


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.work = tempfile.TemporaryDirectory(prefix="gongkai-test-")
        cls.addClassCleanup(cls.work.cleanup)
        cls.root = pathlib.Path(cls.work.name) / ODD
        cls.root.mkdir()
        cls.store = cls.root / "store"
        program("ingest", SAMPLES, "--store", cls.store, "--quiet")
        cls.tree, cls.flat, cls.packed = cls.root / "release", cls.root / "flat", cls.root / "packed"
        for folder, form in ((cls.tree, []), (cls.flat, ["--flat"]), (cls.packed, ["--archive"])):
            program("release", cls.store, "--version", "1.0.0", "-o", folder, *form)
        # A store that is not where it was written.
        cls.moved = cls.root / "moved * ?"
        shutil.copytree(cls.store, cls.moved, symlinks=True)
        shutil.rmtree(cls.store / "cache", ignore_errors=True)
        manifest = json.loads((cls.tree / "manifest.json").read_text(encoding="utf-8"))
        cls.rows: dict[str, int] = manifest["rows"]

    def test_every_table_is_seen_whole_by_both(self) -> None:
        import polars

        self.assertGreater(len(self.rows), 14)
        for store in (self.store, self.moved, self.tree, self.flat):
            with contextlib.closing(gongkai.connect(store)) as db:
                for table, rows in self.rows.items():
                    with self.subTest(store=store.name, table=table):
                        (counted,) = db.execute(f"SELECT count(*) FROM {table}").fetchone() or (None,)
                        self.assertEqual(counted, rows)
                        frame = gongkai.scan(table, store)
                        self.assertEqual(frame.select(polars.len()).collect().item(), rows)
                        columns = [column[0] for column in db.execute(f"DESCRIBE {table}").fetchall()]
                        self.assertEqual(set(frame.collect_schema().names()), set(columns))

    def test_both_say_the_same_figures(self) -> None:
        import polars

        query = "SELECT year, region, sum(total) FROM disclosure_requests WHERE item = 'new_received' AND total IS NOT NULL GROUP BY ALL ORDER BY ALL"
        answers = []
        for store in (self.store, self.moved, self.tree, self.flat):
            with contextlib.closing(gongkai.connect(store)) as db:
                answers.append(db.execute(query).fetchall())
            frame = gongkai.scan("disclosure_requests", store).filter(
                (polars.col("item") == "new_received") & polars.col("total").is_not_null()
            )
            answers.append(frame.group_by("year", "region").agg(polars.col("total").sum()).sort("year", "region").collect().rows())
        self.assertGreater(len(answers[0]), 10)
        for answer in answers[1:]:
            self.assertEqual([tuple(map(str, row)) for row in answer], [tuple(map(str, row)) for row in answers[0]])

    def test_a_store_without_tables_by_year_is_read_by_partitions(self) -> None:
        import polars

        old = self.root / "old"
        shutil.copytree(self.tree, old)
        shutil.rmtree(old / "by_year")
        for table, rows in self.rows.items():
            frame = gongkai.scan(table, old)
            self.assertEqual(frame.select(polars.len()).collect().item(), rows, table)
            schema = frame.collect_schema()
            self.assertEqual(schema, gongkai.scan(table, self.tree).select(schema.names()).collect_schema(), table)
            self.assertEqual((schema["year"], schema["region"]), (polars.Int16, polars.String), table)

    def test_a_year_opens_no_other(self) -> None:
        import polars

        torn = self.root / "torn"
        shutil.copytree(self.tree, torn)
        # Of the first file Polars takes the columns.
        _, *folders, kept = sorted((torn / "by_year" / "disclosure_requests").glob("year=*"))
        self.assertGreater(len(folders), 2)
        for folder in folders:
            for file in folder.iterdir():
                # The release's files may be links to the store's.
                file.unlink()
                file.write_bytes(b"no Parquet")
        frame = gongkai.scan("disclosure_requests", torn).filter(polars.col("year") == int(kept.name.removeprefix("year=")))
        self.assertGreater(frame.collect().height, 0)

    def test_views_and_their_chinese_twins_are_there_in_other_threads_too(self) -> None:
        with contextlib.closing(gongkai.connect(self.moved)) as db:
            answers: list[object] = []
            cursor = db.cursor()
            thread = threading.Thread(
                target=lambda: answers.append(cursor.execute("SELECT 机关名称, 本年新收申请 FROM 主要指标 WHERE 报告年度 = 2023 ORDER BY ALL").fetchall())
            )
            thread.start()
            thread.join()
            same = db.execute("SELECT agency_name, received FROM key_figures WHERE year = 2023 ORDER BY ALL").fetchall()
            self.assertTrue(same)
            self.assertEqual(answers, [same])

    def test_a_moved_store_is_read_where_it_is(self) -> None:
        alone = self.root / "alone"
        shutil.copytree(self.store, self.root / "gone", symlinks=True)
        (self.root / "gone").rename(alone)
        with contextlib.closing(gongkai.connect(alone)) as db:
            (plan,) = db.execute("SELECT DISTINCT filename LIKE ? || '/%' FROM read_parquet(?, filename = true)", [str(alone), self._glob(alone)]).fetchall()
            self.assertEqual(plan, (True,))
            shutil.rmtree(alone / "snapshots")
            import duckdb

            with self.assertRaises(duckdb.Error):
                db.execute("FROM reports").fetchall()

    def _glob(self, store: pathlib.Path) -> str:
        return str(store / "snapshots").replace("[", "[[]") + "/*/reports/**/*.parquet"

    def test_relative_and_textual_paths(self) -> None:
        before = os.getcwd()
        os.chdir(self.tree)
        try:
            db, frame = gongkai.connect("."), gongkai.scan("reports", ".")
        finally:
            os.chdir(before)
        with contextlib.closing(db):
            self.assertEqual(db.execute("SELECT count(*) FROM reports").fetchone(), (self.rows["reports"],))
        self.assertEqual(frame.collect().height, self.rows["reports"])

    def test_what_cannot_be_opened_says_why(self) -> None:
        for open_ in (gongkai.connect, lambda store: gongkai.scan("reports", store)):
            with self.assertRaisesRegex(ValueError, "neither a store nor a release"):
                open_(self.root)
            with self.assertRaisesRegex(ValueError, "packed"):
                open_(self.packed)
        # DuckDB takes the name of any folder above for a column, before what the file says.
        misleading = self.root / "year=1999"
        shutil.copytree(self.tree, misleading)
        with self.assertRaisesRegex(ValueError, "year=1999"):
            gongkai.connect(misleading)
        refused = subprocess.run([gongkai.binary(), "sql", misleading, "FROM reports", "--program", "/nowhere"], capture_output=True, text=True)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("year=1999", refused.stderr)
        self.assertNotIn(1999, gongkai.scan("reports", misleading).collect()["year"].to_list())
        for open_ in (gongkai.connect, lambda store: gongkai.scan("reports", store)):
            empty = self.root / "empty"
            empty.mkdir(exist_ok=True)
            shutil.copy(self.store / "gongkai-store.json", empty)
            with self.assertRaisesRegex(ValueError, "nothing was published|no published snapshot"):
                open_(empty)
        for table in ("report", "", ".", "..", "by_year", "../tree", "reports/year=2023"):
            for store in (self.store, self.tree, self.flat):
                with self.assertRaisesRegex(ValueError, "no table.*disclosure_requests.*reports"):
                    gongkai.scan(table, store)


class Reading(unittest.TestCase):
    def test_a_document_is_what_inspect_says(self) -> None:
        told = json.loads(subprocess.run([gongkai.binary(), "inspect", "--json", PAGE], check=True, capture_output=True).stdout)
        document = gongkai.read(PAGE)
        self.assertEqual(document.details, told)
        self.assertEqual((document.status, document.year, document.region), ("report", 2022, "CN-JS"))
        self.assertEqual(document.agency_name, "鼓楼区司法局")
        cell = document.cell("disclosure_requests", "new_received", "natural_person")
        assert cell is not None
        self.assertEqual((cell.value, cell.raw, cell.status), (Decimal(35), "35", "number"))
        self.assertEqual(cell.source, gongkai.Source(table=1, row=3, column=3))
        self.assertIsNone(document.cell("disclosure_requests", "new_received", "nobody"))
        self.assertEqual(len(document.cells), len(told["cells"]))
        self.assertEqual([s.section for s in document.sections], [s["section"] for s in told["sections"]])

    def test_bytes_are_read_as_the_file(self) -> None:
        for document in (gongkai.read(PAGE.read_bytes()), gongkai.read(PAGE.read_bytes(), name="page.html")):
            self.assertEqual((document.status, document.year), ("report", 2022))
            self.assertEqual(document.cells, gongkai.read(str(PAGE)).cells)

    def test_every_sample_is_read_and_findings_come_along(self) -> None:
        findings = 0
        for page in sorted(p for p in SAMPLES.rglob("*") if p.suffix in (".html", ".htm", ".txt", ".md")):
            document = gongkai.read(page)
            findings += len(document.findings)
            for cell in document.cells:
                self.assertNotEqual((cell.status, cell.value), ("number", None), page)
            for finding in document.findings:
                self.assertRegex(finding.code, "^GK[0-9]{3}$")
                self.assertTrue(finding.message)
        self.assertGreater(findings, 5)

    def test_what_is_no_report_has_a_reason(self) -> None:
        for body in (b"", b"\x00\x01\x02", b"<html><body>nothing of the kind</body></html>"):
            document = gongkai.read(body)
            self.assertNotEqual(document.status, "report", body)
            self.assertTrue(document.reason, body)
            self.assertEqual(document.cells, ())

    def test_what_is_not_there_is_an_error(self) -> None:
        with self.assertRaisesRegex(ValueError, "does not exist"):
            gongkai.read("/nowhere/page.html")
        for name in ("", "..", "a/b.html", "../b.html", "a\0b"):
            with self.assertRaises(ValueError):
                gongkai.read(b"", name=name)
        # No option of the program's.
        with self.assertRaisesRegex(ValueError, "does not exist"):
            gongkai.read("--help")


class Package(unittest.TestCase):
    def test_the_program_is_this_one(self) -> None:
        version = importlib.metadata.version("gongkai")
        for command in ([gongkai.binary()], [sys.executable, "-m", "gongkai"]):
            said = subprocess.run([*command, "--version"], check=True, capture_output=True, text=True).stdout
            self.assertEqual(said.split()[:2], ["gongkai", version])
        self.assertEqual(subprocess.run([sys.executable, "-m", "gongkai", "inspect", "/nowhere"], capture_output=True).returncode, 2)
        self.assertTrue(gongkai.binary().is_relative_to(sys.prefix))

    def test_nothing_heavy_is_imported(self) -> None:
        check = "import sys, gongkai; assert not {'duckdb', 'polars', 'pyarrow', 'numpy'} & set(sys.modules)"
        subprocess.run([sys.executable, "-c", check], check=True)
        requires = importlib.metadata.requires("gongkai") or []
        self.assertTrue(requires)
        self.assertEqual([r for r in requires if "extra" not in r], [])

    def test_licences_and_types_are_inside(self) -> None:
        files = {file.name: file for file in importlib.metadata.files("gongkai") or []}
        for name in ("LICENSE-APACHE", "LICENSE-MIT", "NOTICE", "THIRD-PARTY-LICENCES", "py.typed"):
            self.assertIn(name, files)
        self.assertIn("polars", files["THIRD-PARTY-LICENCES"].read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
