"""Files for desk programs, read back with the programs' own readers: the same rows, NULLs and decimals as DuckDB sees in the store, and the
codebook. desk.py GONGKAI STORE FOLDER"""
import csv
import datetime
import decimal
import pathlib
import shutil
import subprocess
import sys

import duckdb
import openpyxl
import pandas
import pandas.io.stata
import pyreadstat

gongkai, store, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
shutil.rmtree(folder, ignore_errors=True)
con = duckdb.connect()
con.execute((store / "views.sql").read_text(encoding="utf-8"))
tables = [t for t, in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL").fetchall()]
subprocess.run([gongkai, "export", store, "--format", "csv,dta,xlsx", "-o", folder, "-q"], check=True)
assert sorted(p.name for p in folder.iterdir()) == ["gongkai.xlsx", "key_figures.csv", "key_figures.dta", "report_wide.csv", "report_wide.dta"]
known = subprocess.run([gongkai, "export", store, "--format", "csv", "-o", folder, "nonsense"], capture_output=True, text=True)
assert known.returncode == 2, known
names = known.stderr.split("there are: ")[1].strip().split(", ")
assert set(names) <= set(tables), (names, tables)
subprocess.run([gongkai, "export", store, "--format", "csv,dta,xlsx", "-o", folder, "-q", *names], check=True)
DAY, EPOCH = datetime.date(1970, 1, 1), datetime.datetime(1960, 1, 1)


def same(table: str, kind: str, columns: list[str], rows: list[tuple]) -> None:
    """Whether rows are those of the store, in any order."""
    assert columns == wanted_columns, (table, kind, columns, wanted_columns)
    key = lambda row: tuple((v is not None, str(v)) for v in row)
    a, b = sorted(rows, key=key), sorted(wanted, key=key)
    assert len(a) == len(b), (table, kind, len(a), len(b))
    for mine, theirs in zip(a, b):
        bad = [(c, x, y) for c, x, y in zip(columns, mine, theirs) if x != y]
        assert not bad, (table, kind, bad)


def number(text: str, type_: str) -> object:
    if text == "":
        return None
    if type_.startswith("DECIMAL"):
        return decimal.Decimal(text)
    if type_ in ("BIGINT", "INTEGER", "SMALLINT"):
        return int(text)
    if type_ == "BOOLEAN":
        return {"true": True, "false": False}[text]
    if type_ == "DATE":
        return datetime.date.fromisoformat(text)
    if type_ == "TIMESTAMP":
        return datetime.datetime.fromisoformat(text)
    body = text.lstrip("'")
    return text[1:] if text.startswith("'") and body[:1] in tuple("=+-@\t\r\n") else text


def close(value: object, type_: str) -> object:
    """What a double says of a decimal."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    if type_.startswith("DECIMAL"):
        places = int(type_.rstrip(")").split(",")[1])
        return decimal.Decimal(value).quantize(decimal.Decimal(1).scaleb(-places))
    if type_ in ("BIGINT", "INTEGER", "SMALLINT"):
        assert float(value).is_integer(), value
        return int(value)
    if type_ == "BOOLEAN":
        return bool(value)
    if type_ == "DATE":
        return value.date() if isinstance(value, datetime.datetime) else value
    return value


book = openpyxl.load_workbook(folder / "gongkai.xlsx", read_only=True)
described = {(r[0], r[1]): r[4] for r in book["codebook"].iter_rows(min_row=2, values_only=True)}
codes = {(t, c, code): zh for t, c, code, zh in con.execute('SELECT "table", "column", code, zh FROM codes').fetchall()}
for table in names:
    with open(folder / f"{table}.csv", encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    view = con.sql(f"SELECT * FROM {table}")
    assert sorted(head) == sorted(view.columns), (table, head, view.columns)
    # DuckDB puts the columns of folders in an order of its own.
    view = view.select(", ".join(f'"{c}"' for c in head))
    types = {c: str(t) for c, t in zip(view.columns, view.types)}
    wanted_columns, wanted = view.columns, view.fetchall()
    assert (folder / f"{table}.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    same(table, "csv", head, [tuple(number(v, types[c]) for c, v in zip(head, row)) for row in rows])
    # The workbook.
    head, *rows = book[table].iter_rows(values_only=True)
    assert not [c for c in head if not described.get((table, c))], table
    padded = [tuple(row) + (None,) * (len(head) - len(row)) for row in rows]
    rows = []
    for row in padded:
        values = []
        for c, v in zip(head, row):
            # A moment in Excel is a share of a day: right to a millisecond.
            if types[c] == "TIMESTAMP" and v is not None:
                v = (v + datetime.timedelta(microseconds=500)).replace(microsecond=0)
            values.append(close(v, types[c]))
        rows.append(tuple(values))
    same(table, "xlsx", list(head), rows)
    # Stata, by two readers.
    reader = pandas.io.stata.StataReader(folder / f"{table}.dta", convert_categoricals=False, convert_dates=False)
    frame, labels = reader.read(), reader.value_labels()
    assert not [c for c in frame.columns if len(c) > 32], table
    other, meta = pyreadstat.read_dta(str(folder / f"{table}.dta"), disable_datetime_conversion=True)
    assert len(other) == len(frame) and list(other.columns) == list(frame.columns) == wanted_columns, table
    assert not [c for c in wanted_columns if not meta.column_names_to_labels[c]], table
    for who, read in [("pandas", frame), ("ReadStat", other)]:
        rows = []
        for row in read.itertuples(index=False, name=None):
            values = []
            for c, v in zip(wanted_columns, row):
                missing = v is None or v != v or v == ""
                if missing:
                    v = None
                elif types[c] == "VARCHAR" and c in labels:
                    v = labels[c][int(v)].split(" ")[0]
                elif types[c] == "DATE":
                    v = EPOCH.date() + datetime.timedelta(days=int(v))
                elif types[c] == "TIMESTAMP":
                    v = EPOCH + datetime.timedelta(milliseconds=v)
                else:
                    v = close(v, types[c])
                values.append(v)
            rows.append(tuple(values))
        same(table, f"dta ({who})", wanted_columns, rows)
    print(f"{table:22} {len(wanted)} rows, {len(head)} columns: csv, xlsx, dta as in the store")
labels = pandas.io.stata.StataReader(folder / "key_figures.dta").value_labels()
assert "county 县级" in labels["agency_level"].values() and labels["counted"] == {0: "no 否", 1: "yes 是"}, labels
# Twice the same.
again = folder / "again"
subprocess.run([gongkai, "export", store, "--format", "csv,dta,xlsx", "-o", again, "-q", *names], check=True)
different = [p.name for p in again.iterdir() if p.read_bytes() != (folder / p.name).read_bytes()]
assert not different, different
