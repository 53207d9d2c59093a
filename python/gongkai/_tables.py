"""Tables of a store or a release."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import polars

#: What the views ask for where the store is.
_ROOT = "getvariable('gongkai_store')"


def connect(store: str | os.PathLike[str]) -> duckdb.DuckDBPyConnection:
    """DuckDB with one view a table, of a store or a release in its place: what `gongkai sql` opens.

    The views name one snapshot: what is published later is seen by the next `connect` only. Nothing is copied, and nothing can be
    written through them.

    Raises:
        ImportError: DuckDB is not installed; it comes with `gongkai[duckdb]`.
        ValueError: the folder is neither a store nor a release, has nothing to read yet, or lies where DuckDB would misread it.
    """
    import duckdb

    root = _opened(store)
    try:
        views = (root / "views.sql").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"{root} has no views.sql: nothing was published yet, or `gongkai check {root} --repair` must write it") from None
    if _is_packed(root):
        raise ValueError(f"the tables of {root} are packed: unpack its archives there (for f in *.tar.zst; do tar -xf $f; done)")
    for folder in root.parts:
        if "=" in folder:
            raise ValueError(f"{root}: DuckDB would take {folder!r} for a column of every table, and its value before theirs; rename the folder")
    # The place itself instead of a variable that tells it: a variable is not handed on to `cursor()`.
    place = str(root).rstrip("/")
    for special in "[*?":
        # Of a glob; the bracket goes first, since it stands in what the others become.
        place = place.replace(special, f"[{special}]")
    connection = duckdb.connect()
    connection.execute(views.replace(_ROOT, "'" + place.replace("'", "''") + "'"))
    return connection


def scan(table: str, store: str | os.PathLike[str]) -> polars.LazyFrame:
    """One table of a store or a release as a lazy frame of Polars; `year` and `region` are columns.

    It reads the files by year where there are any, and those by year and region otherwise. The frame stays with the snapshot that is
    published now.

    Raises:
        ImportError: Polars is not installed; it comes with `gongkai[polars]`.
        ValueError: the folder is neither a store nor a release, or has no such table.
    """
    import polars

    root = _opened(store)
    tree = _snapshot(root)
    flat, by_year, by_region = tree / f"{table}.parquet", tree / "by_year" / table, tree / table
    # A table is one name below these folders, whatever is passed.
    named = table not in ("", ".", "..", "by_year") and Path(table).name == table
    if named and flat.is_file():
        return polars.scan_parquet(flat, glob=False, hive_partitioning=False)
    if named and by_year.is_dir():
        # Both columns are in the files, the year as an INT32. Taken from the names of folders it leaves other years unopened.
        if any(by_year.glob("year=*")):
            return polars.scan_parquet(by_year, glob=False, hive_partitioning=True, hive_schema={"year": polars.Int16})
        return polars.scan_parquet(by_year, glob=False, hive_partitioning=False).with_columns(polars.col("year").cast(polars.Int16))
    if named and by_region.is_dir():
        # Neither is in the files.
        places = polars.Schema({"year": polars.Int16(), "region": polars.String()})
        return polars.scan_parquet(by_region, glob=False, hive_partitioning=True, hive_schema=places)
    if _is_packed(root):
        raise ValueError(f"the tables of {root} are packed: unpack its archives there (for f in *.tar.zst; do tar -xf $f; done)")
    raise ValueError(f"{root} has no table {table!r}; it has {', '.join(_tables(tree))}")


def _opened(store: str | os.PathLike[str]) -> Path:
    root = Path(store).resolve()
    if not any((root / marker).is_file() for marker in ("gongkai-store.json", "gongkai-release.json")):
        raise ValueError(f"{root} is neither a store nor a release of gongkai")
    return root


def _is_packed(root: Path) -> bool:
    return (root / "reports.tar.zst").is_file() and not (root / "reports").is_dir()


def _snapshot(root: Path) -> Path:
    """The folder of the tables: of a store that of its published snapshot, of a release the release."""
    if (root / "gongkai-release.json").is_file():
        return root
    try:
        return root / "snapshots" / (root / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ValueError(f"{root} has no published snapshot yet") from None


def _tables(tree: Path) -> list[str]:
    files = [entry.stem for entry in tree.glob("*.parquet") if entry.stem != "changes"]
    folders = [entry.name for entry in tree.iterdir() if entry.is_dir() and entry.name != "by_year" and any(entry.rglob("*.parquet"))]
    return sorted(set(files + folders))
