"""Reads a store with DuckDB, Polars and pyarrow, with no option but hive partitioning, and compares counts."""
import json
import pathlib
import sys

import duckdb
import polars
import pyarrow.dataset
import pyarrow.parquet

store = pathlib.Path(sys.argv[1])
snapshot = store / "current"
manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
tables = sorted(p.name for p in snapshot.iterdir() if p.is_dir() and p.name != "by_year")
assert len(tables) >= 15, tables
failures = 0
for table in tables:
    glob = f"{snapshot}/{table}/**/*.parquet"
    counts = {
        "manifest": sum(f["rows"] for f in manifest["files"] if f["path"].split("/")[0] == table),
        "duckdb": duckdb.sql(f"SELECT count(*) FROM read_parquet('{glob}', hive_partitioning=true)").fetchall()[0][0],
        "polars": polars.scan_parquet(glob, hive_partitioning=True).select(polars.len()).collect().item(),
        "pyarrow": pyarrow.dataset.dataset(f"{snapshot}/{table}", partitioning="hive").count_rows(),
    }
    same = len(set(counts.values())) == 1
    failures += not same
    print(f"{table:22} {'ok ' if same else 'BAD'} {counts}")
by_region = duckdb.sql(
    f"SELECT region, sum(total) FROM read_parquet('{snapshot}/disclosure_requests/**/*.parquet', hive_partitioning=true) "
    "WHERE item = 'new_received' GROUP BY region ORDER BY region"
).fetchall()
lazy = (
    polars.scan_parquet(f"{snapshot}/disclosure_requests/**/*.parquet", hive_partitioning=True)
    .filter(polars.col("item") == "new_received")
    .group_by("region").agg(polars.col("total").sum()).sort("region").collect().rows()
)
null_is_zero = [(r, t or 0) for r, t in by_region]  # Polars sums nothing to 0, SQL to NULL
assert null_is_zero == lazy, (null_is_zero, lazy)
con = duckdb.connect()
con.execute((store / "views.sql").read_text(encoding="utf-8"))
assert con.execute("SELECT count(*) FROM reports").fetchall()[0][0] == manifest["rows"]["reports"]
# The tables by year, which the views read, hold the rows of the partitions, to every reader; columns too.
for table in tables:
    columns = ", ".join(f'"{column[0]}"' for column in con.execute(f"DESCRIBE {table}").fetchall())
    rows = f"SELECT {columns} FROM read_parquet('{snapshot}/{table}/**/*.parquet', hive_partitioning=true, hive_types={{'year': SMALLINT, 'region': VARCHAR}})"
    shapes = [[column[:2] for column in con.execute(f"DESCRIBE {of}").fetchall()] for of in (rows, table)]
    assert shapes[0] == shapes[1], (table, shapes)
    apart = f"SELECT count(*) FROM (({rows} EXCEPT ALL FROM {table}) UNION ALL (FROM {table} EXCEPT ALL {rows}))"
    assert con.execute(apart).fetchall()[0][0] == 0, table
    folder, wanted = snapshot / "by_year" / table, manifest["rows"][table]
    assert wanted == sum(f["rows"] for f in manifest["files"] if f["path"].startswith(f"by_year/{table}/")), table
    found = {
        "duckdb": con.execute(f"SELECT count(*) FROM read_parquet('{folder}/**/*.parquet')").fetchall()[0][0],
        "polars": polars.scan_parquet(f"{folder}/**/*.parquet").select(polars.len()).collect().item(),
        "pyarrow": pyarrow.dataset.dataset(folder, partitioning="hive").count_rows(),
    }
    assert set(found.values()) == {wanted}, (table, found, wanted)
    names = {name for name, _ in shapes[0]}
    for name, columns in {
        "polars": polars.scan_parquet(f"{folder}/**/*.parquet").collect_schema().names(),
        "pyarrow": pyarrow.dataset.dataset(folder, partitioning="hive").schema.names,
        "a file alone": pyarrow.parquet.read_schema(next(folder.rglob("*.parquet"))).names,
    }.items():
        assert set(columns) == names, (table, name, columns)
# A year is read of one file, and no other is opened.
plan = con.execute("EXPLAIN ANALYZE SELECT sum(total) FROM disclosure_requests WHERE year = 2023").fetchall()[0][1]
assert "Total Files Read: 1" in plan, plan
# Coverage says what the tables it counts say.
counted = con.execute("SELECT sum(reports), sum(captures), sum(copies + not_reports + unreadable) FROM coverage").fetchall()
really = con.execute(
    "SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM captures), (SELECT count(*) FROM captures WHERE status <> 'report')"
).fetchall()
assert counted == really, (counted, really)
found = "SELECT year, region, agencies_found, reports, cells_read, level FROM coverage WHERE reports > 0 ORDER BY ALL"
by_hand = (
    "SELECT year, region, count(DISTINCT agency_id), count(*), sum(cells_read), agency_level FROM reports "
    "GROUP BY year, region, agency_level ORDER BY ALL"
)
assert con.execute(found).fetchall() == con.execute(by_hand).fetchall()
# What is counted is counted once: one report an agency, and of a place either its government's or its bodies'.
twice = con.execute(
    "SELECT year, agency_id FROM key_figures WHERE counted GROUP BY ALL HAVING count(*) > 1 UNION ALL "
    "SELECT b.year, b.agency_id FROM key_figures AS b JOIN key_figures AS p USING (year, region, agency_level, division_code) "
    "WHERE b.counted AND p.counted AND b.stands_for = 'body' AND p.stands_for = 'place' AND b.agency_level <> 'township'"
).fetchall()
assert not twice, twice
# The join that the dictionary names keeps every row; the one it warns of does not, or the warning would be wrong.
for table in ("disclosure_requests", "review_litigation", "cells", "narratives"):
    joined = f"SELECT (SELECT count(*) FROM reports JOIN {table} USING (report_id, year, region)), (SELECT count(*) FROM {table})"
    (kept, all_of_them) = con.execute(joined).fetchall()[0]
    assert kept == all_of_them, (table, kept, all_of_them)
(natural, all_of_them) = con.execute(
    "SELECT (SELECT count(*) FROM reports NATURAL JOIN disclosure_requests), (SELECT count(*) FROM disclosure_requests)"
).fetchall()[0]
assert natural < all_of_them, natural
# The sum that `ingest` prints a query for, by hand.
printed = con.execute("SELECT sum(reports), sum(received) FROM key_figures_by_region").fetchall()
by_hand = con.execute(
    "SELECT count(DISTINCT report_id), sum(total) FROM disclosure_requests JOIN key_figures USING (report_id, year, region, scope) "
    "WHERE counted AND item = 'new_received'"
).fetchall()
requests = con.execute("SELECT count(*), sum(received) FROM key_figures WHERE counted AND form IN ('2019', '2021')").fetchall()
assert by_hand[0][1] == requests[0][1], (by_hand, requests)
assert printed[0][0] == con.execute("SELECT count(*) FROM key_figures WHERE counted").fetchall()[0][0], printed
# Figures put together are those of the tables; a column for every cell says the same.
for column, items in {"granted": ["granted"], "unavailable": ["unavailable.not_held", "unavailable.needs_creation", "unavailable.unclear"]}.items():
    sums = (
        f"SELECT report_id, scope, CASE WHEN count(total) = {len(items)} THEN sum(total) END AS v FROM disclosure_requests "
        f"WHERE item IN ({', '.join(repr(i) for i in items)}) GROUP BY ALL"
    )
    wrong = con.execute(
        f"SELECT * FROM key_figures JOIN ({sums}) USING (report_id, scope) WHERE {column} IS DISTINCT FROM v"
    ).fetchall()
    assert not wrong, wrong
wide = con.execute("SELECT count(*), sum(r_new_received_total), sum(v_reconsideration_upheld) FROM report_wide").fetchall()
narrow = con.execute(
    "SELECT (SELECT count(*) FROM key_figures), (SELECT sum(total) FROM disclosure_requests WHERE item = 'new_received'), "
    "(SELECT sum(upheld) FROM review_litigation WHERE channel = 'reconsideration')"
).fetchall()
assert wide == narrow, (wide, narrow)
# Blanks, dashes and words for nothing are zero where somebody asks for that, and only those.
filled = con.execute(
    "SELECT (SELECT sum(len(filled_columns)) FROM disclosure_requests_filled), (SELECT count(*) FROM cells WHERE \"table\" = "
    "'disclosure_requests' AND value IS NULL AND status IN ('blank', 'dash', 'word'))"
).fetchall()[0]
assert filled[0] == filled[1], filled
# Every code that stands in a table is explained, every agency and division is listed.
for table, column in [("disclosure_requests", "item"), ("proactive_disclosure", "item"), ("review_litigation", "channel"), ("reports", "scope")]:
    unknown = con.execute(
        f"SELECT DISTINCT {column} FROM {table} WHERE {column} NOT IN (SELECT code FROM codes WHERE \"table\" = '{table}' AND \"column\" = '{column}')"
    ).fetchall()
    assert not unknown, (table, unknown)
assert not con.execute("SELECT agency_id FROM reports ANTI JOIN agencies USING (agency_id, region)").fetchall()
assert not con.execute("SELECT unit_code FROM key_figures WHERE unit_code NOT IN (SELECT unit_code FROM divisions)").fetchall()
silent = con.execute(
    "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns() "
    "WHERE comment IS NULL AND NOT internal"
).fetchall()
assert not silent, silent
# Every view is read whole, as an analyst does who writes it to a file: a plan that one version of DuckDB never ends is met here.
for (view,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY view_name").fetchall():
    con.execute(f'CREATE OR REPLACE TEMP TABLE whole AS SELECT * FROM "{view}"')
con.execute("DROP TABLE whole")
# Chinese twins: every view has one, with as many rows and columns, all of whose names are its own.
twins = con.execute(
    "SELECT view_name, split_part(split_part(comment, ' / ', 2), ':', 1) FROM duckdb_views() WHERE NOT internal AND regexp_matches(view_name, '\\p{Han}')"
).fetchall()
assert {name for _, name in twins} == set(tables) | {"key_figures_by_region", "report_wide", "requests_long_run"} | {f"{t}_filled" for t in ("disclosure_requests", "proactive_disclosure", "review_litigation")}, twins
for twin, name in twins:
    shapes = [con.execute(f'SELECT count(*) FROM "{of}"').fetchall()[0][0] for of in (twin, name)]
    columns = [[column[0] for column in con.execute(f'DESCRIBE "{of}"').fetchall()] for of in (twin, name)]
    assert shapes[0] == shapes[1] and len(columns[0]) == len(columns[1]), (twin, name, shapes)
    assert not set(columns[0]) & set(columns[1]), (twin, set(columns[0]) & set(columns[1]))
(chinese, original) = [con.execute(q).fetchall() for q in (
    'SELECT 机关名称, 本年新收申请 FROM 主要指标 WHERE 报告年度 = 2023 ORDER BY ALL',
    'SELECT agency_name, received FROM key_figures WHERE year = 2023 ORDER BY ALL',
)]
assert chinese == original and chinese
# A store that was copied is read where it is, if one says so.
import shutil, tempfile
with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder) / "copy"
    shutil.copytree(store, copy, symlinks=True)
    (copy / "snapshots" / snapshot.resolve().name / "by_year" / "reports").rename(copy / "elsewhere")
    con.execute(f"SET VARIABLE gongkai_store = '{copy}'")
    assert con.execute("SELECT count(*) FROM key_figures").fetchall()[0][0] == manifest["rows"]["key_figures"]
    try:
        con.execute("SELECT count(*) FROM reports").fetchall()
        raise AssertionError("the views read the old place")
    except duckdb.IOException:
        pass
print(f"{len(tables)} passed, {failures} failed; DuckDB {duckdb.__version__}, Polars {polars.__version__}, pyarrow {pyarrow.__version__}")
sys.exit(1 if failures else 0)
