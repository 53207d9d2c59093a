"""The Python job on an engine: whatever reads, in however many parts, and whatever dies meanwhile, the store is the one that `gongkai ingest` makes.

spark.py sail|local|cluster GONGKAI COUNTRY FOLDER [REPORTS]

`sail` needs pysail; `local` is Spark in one process, `cluster` Spark with two executors in processes of their own: both need Java. GONGKAI is the program,
COUNTRY the example of that name, FOLDER is made anew.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pyarrow
import pyarrow.ipc
import pyarrow.parquet

engine, program, country, folder = sys.argv[1], *(Path(a).absolute() for a in sys.argv[2:5])
reports = int(sys.argv[5]) if len(sys.argv) > 5 else 5000
samples = Path("data/sample").absolute()
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
exchange = folder / "exchange"
#: Lies here once something was killed.
killed = folder / "killed"


@contextlib.contextmanager
def session():
    from pyspark.sql import SparkSession

    began = time.monotonic()
    if engine == "sail":
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start()
        builder = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}")
    else:
        os.environ["PYSPARK_PYTHON"] = sys.executable
        master = "local[2,4]" if engine == "local" else "local-cluster[2,1,1024]"
        builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false").config("spark.driver.memory", "1g")
        builder = builder.config("spark.log.level", "ERROR")
    spark = builder.getOrCreate()
    spark.range(1).collect()
    print(f"{engine} {spark.version}: begun in {time.monotonic() - began:.1f} s", flush=True)
    try:
        yield spark
    finally:
        # A client that is not stopped waits for a server that is gone.
        spark.stop()


def plain(inputs: Path, name: str) -> Path:
    store = folder / f"{name}-store"
    began = time.monotonic()
    subprocess.run([program, "ingest", inputs, "--store", store, "--quiet"], check=True)
    print(f"gongkai ingest, {name}: {time.monotonic() - began:.1f} s", flush=True)
    return store


def tree(store: Path) -> str:
    """A hash of every file of the published snapshot."""
    root = store / "snapshots" / (store / "CURRENT").read_text().strip()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    assert files
    sums = (f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    return hashlib.sha256("".join(sums).encode()).hexdigest()


def same(spark, inputs, like: Path, what: str, **options) -> None:
    from gongkai.spark import ingest

    store = folder / "store"
    shutil.rmtree(store, ignore_errors=True)
    began = time.monotonic()
    status = ingest(spark, inputs, store, exchange=exchange, arguments=["--quiet"], **options)
    took = time.monotonic() - began
    assert status == 0 and (store / "CURRENT").read_text() == (like / "CURRENT").read_text(), what
    assert tree(store) == tree(like), what
    subprocess.run([program, "check", store], check=True, stdout=subprocess.DEVNULL)
    assert not list(exchange.iterdir()), "what was read is removed once it is in the store"
    print(f"same bytes: {what}, {took:.1f} s", flush=True)


def crowd(where: Path) -> None:
    """A country, with a mirror of every tenth report, some pages in a zip, some in lines of JSON, and a file that is empty."""
    import json

    subprocess.run([country, str(reports), where, "19", "20"], check=True)
    pages = sorted(path for path in where.rglob("*") if path.is_file())
    for path in pages[::10]:
        mirror = where / "mirror.example.com" / path.relative_to(where)
        mirror.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, mirror)
    texts = [path for path in pages if path.suffix in (".html", ".htm", ".txt")]
    with open(where / "pages.jsonl", "w", encoding="utf-8") as lines:
        for path in texts[1::20]:
            lines.write(json.dumps({"html": path.read_text("utf-8", "replace"), "url": f"http://{path.relative_to(where)}"}) + "\n")
            path.unlink()
    with zipfile.ZipFile(where / "old.zip", "w") as old:
        for path in texts[2::20]:
            # Times of files are in a zip.
            old.writestr(zipfile.ZipInfo(str(path.relative_to(where))), path.read_bytes())
            path.unlink()
    (where / "empty.html").touch()


def table(inputs: Path, where: Path) -> None:
    """The files of a folder as Parquet, one row a file, content and all."""
    with pyarrow.ipc.open_stream(subprocess.run([program, "worker", "plan", inputs], check=True, stdout=subprocess.PIPE).stdout) as stream:
        files = stream.read_all()
    bodies = [Path(location).read_bytes() for location in files["location"].to_pylist()]
    files = files.drop_columns(["location", "body"]).append_column("body", pyarrow.array(bodies, pyarrow.binary()))
    # What no row has is a column of its kind, or none; both are read.
    pyarrow.parquet.write_table(files, where)


def wrapper(name: str, first: str) -> Path:
    """The program, except that the first one of all tasks does something else before."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nif mkdir {killed} 2>/dev/null; then\n{first}\nfi\nexec {program} \"$@\"\n")
    path.chmod(0o755)
    return path


#: Reads a little, and is killed as by a system that is short of memory.
WORKER_DIES = f"head -c 100000 | {program} worker read > /dev/null 2>&1\nkill -9 $$"
#: Kills the process of the engine that runs the task: the program's father is Python, whose father it is.
EXECUTOR_DIES = """pid=$$
while [ "$pid" -gt 1 ]; do
  pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")
  if tr '\\0' ' ' < "/proc/$pid/cmdline" | grep -q CoarseGrainedExecutorBackend; then kill -9 "$pid"; sleep 60; fi
done
rmdir KILLED; exit 9""".replace("KILLED", str(killed))


sample_store = plain(samples, "samples")
crowd(folder / "crawl")
crawl_store = plain(folder / "crawl", "crawl")
table(samples, folder / "samples.parquet")
with session() as spark:
    if engine != "cluster":
        for n in (1, 2, 7):
            same(spark, samples, sample_store, f"samples in {n} partitions", partitions=n)
        rows = spark.read.parquet(str(folder / "samples.parquet"))
        same(spark, rows, sample_store, "samples as a table of documents")
    for n in (2,) if engine == "cluster" else (1, 2, 7):
        same(spark, folder / "crawl", crawl_store, f"{reports} reports in {n} partitions", partitions=n)
    if engine == "cluster":
        same(spark, folder / "crawl", crawl_store, "an executor that is killed while it reads", partitions=7, program=wrapper("dies", EXECUTOR_DIES))
        assert killed.is_dir(), "one was killed"
    else:
        options = {"partitions": 7, "program": wrapper("dies", WORKER_DIES)}
        try:
            same(spark, folder / "crawl", crawl_store, "a worker that is killed while it reads", **options)
        except AssertionError:
            raise
        except Exception as error:
            # An engine may try again, or tell; it may not go on without what that worker was to read.
            assert "worker read ended" in str(error) or "-9" in str(error), error
            print("told: a worker that was killed", flush=True)
            shutil.rmtree(exchange)
            same(spark, folder / "crawl", crawl_store, "another try", **options)
        assert killed.is_dir(), "one was killed"
    try:
        same(spark, spark.createDataFrame([("/etc/a.html", "x")], "path string, body string"), sample_store, "a path of the machine")
    except AssertionError:
        raise
    except Exception as error:
        assert "no path below an input" in str(error), error
        shutil.rmtree(exchange)
print("done")
