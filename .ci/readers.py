"""Reads a store with DuckDB, Polars and pyarrow, with no option but hive partitioning, and compares counts."""
import json
import pathlib
import sys

import duckdb
import polars
import pyarrow.dataset

store = pathlib.Path(sys.argv[1])
snapshot = store / "current"
manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
tables = sorted(p.name for p in snapshot.iterdir() if p.is_dir())
assert len(tables) >= 11, tables
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
print(f"{len(tables)} passed, {failures} failed")
sys.exit(1 if failures else 0)
