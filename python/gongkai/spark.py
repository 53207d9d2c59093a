"""Reads a crawl on the executors of Apache Spark or Sail, and publishes it from the driver.

`ingest` makes the store that `gongkai ingest` makes of the same files, byte for byte. Executors run `gongkai worker read` on the rows of
a frame and leave what they read in a folder that the driver sees, too; the driver then runs `gongkai ingest --caches`. As a job:

    spark-submit .../gongkai/spark.py /data/crawl --store /data/store --exchange /data/exchange

The frame is one of PySpark, whatever runs it: Spark itself, or Sail, which needs no Java (`SPARK_REMOTE=sc://host:port`). This package, with
the program in it, must be installed where executors run; PySpark comes with the engine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Part", "ingest", "main", "plan", "read"]

#: Columns of files that a worker knows; others are left out. docs/worker.md says what they mean.
COLUMNS = (
    "capture_id path location body size source_uri source_host title fetched_at content_type charset http_status page cover digest "
    "revisit problem"
).split()
#: Bytes of a batch between engine and worker. Larger ones cost time and memory, and bring nothing.
BATCH_BYTES = 64 << 20
_SCHEMA = "part string, captures bigint, bytes bigint"


@dataclass(frozen=True)
class Part:
    """What one task read."""

    #: Name of its file in the folder.
    part: str
    captures: int
    bytes: int


def plan(spark: SparkSession, inputs: Iterable[str | os.PathLike[str]], *, partitions: int | None = None) -> DataFrame:
    """The files that inputs hold, one row a file, spread over partitions.

    The driver walks the inputs; executors open the files by the same paths, so these must be on a file system that all of them see. A file
    is read by one task: a WARC as a page.

    Args:
        partitions: as many as there are tasks to be; by default four a core of the engine.

    Raises:
        ValueError: an input cannot be used.
    """
    import pyarrow.ipc

    command = [_binary(None), "worker", "plan", *(os.path.abspath(os.fspath(one)) for one in inputs)]
    told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if told.returncode:
        raise (ValueError if told.returncode == 2 else RuntimeError)(_said(told.stderr))
    with pyarrow.ipc.open_stream(told.stdout) as stream:
        # What no row has, no frame needs; and engines need not agree on what a column of nothing is.
        table = stream.read_all()
    table = table.select([name for name in table.column_names if table[name].null_count < len(table) or name == "location"])
    frame = spark.createDataFrame(table)
    return frame.repartition(partitions or 4 * _cores(spark))


def read(
    files: DataFrame,
    folder: str | os.PathLike[str],
    *,
    arguments: Sequence[str] = (),
    program: str | os.PathLike[str] | None = None,
) -> list[Part]:
    """Reads files on the executors; a task leaves what it read as one file in a folder.

    Args:
        files: one row a file or document, with the columns of docs/worker.md: `path`, and `body` or `location`.
        folder: where the driver and all executors can write.
        arguments: options of `gongkai worker read`, such as `--helpers 4` where a task has several cores.
        program: the program on the executors; by default the one that is installed with this module there.

    Raises:
        ValueError: the frame has no such columns.
        RuntimeError: a part is not in the folder.
    """
    names = [name for name in COLUMNS if name in files.columns]
    if "path" not in names or not {"body", "location"} & set(names):
        raise ValueError(f"the frame needs a column `path`, and `body` or `location`; it has {', '.join(files.columns)}")
    folder = Path(os.path.abspath(os.fspath(folder)))
    folder.mkdir(parents=True, exist_ok=True)
    task = partial(_read, str(folder), tuple(arguments), None if program is None else os.fspath(program))
    with _small_batches(files.sparkSession):
        rows = files.select(*names).mapInArrow(task, _SCHEMA).collect()
    parts = [Part(row["part"], row["captures"], row["bytes"]) for row in rows]
    for part in parts:
        path = folder / part.part
        if not path.is_file() or path.stat().st_size != part.bytes:
            raise RuntimeError(f"{path} is not what a task left there; is {folder} one folder for the driver and all executors?")
    return parts


def ingest(
    spark: SparkSession,
    inputs: DataFrame | str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    store: str | os.PathLike[str],
    *,
    exchange: str | os.PathLike[str],
    partitions: int | None = None,
    arguments: Sequence[str] = (),
    worker_arguments: Sequence[str] = (),
    program: str | os.PathLike[str] | None = None,
) -> int:
    """Reads inputs on the executors, and publishes them from the driver. What `gongkai ingest` ended with: 0, or 1 where a check does not hold.

    Args:
        inputs: folders, files and archives that the driver and all executors see; or a frame as for `read`.
        store: the store, on the driver.
        exchange: a folder that the driver and all executors see. What is put there is removed once it is in the store.
        arguments: options of `gongkai ingest`, such as `--evidence all`.
        worker_arguments: options of `gongkai worker read`.
        program: the program on the executors.

    Raises:
        ValueError: an input or the frame cannot be used.
        RuntimeError: reading or publishing failed; what was read stays in `exchange`.
    """
    given: Any = [inputs] if isinstance(inputs, (str, os.PathLike)) else inputs
    # A frame of Spark and one of Spark Connect have nothing in common but what they can do.
    files: DataFrame = given if hasattr(given, "mapInArrow") else plan(spark, given, partitions=partitions)
    folder = Path(os.path.abspath(os.fspath(exchange))) / f"gongkai-{uuid.uuid4().hex}"
    parts = read(files, folder, arguments=worker_arguments, program=program)
    if not parts:
        raise ValueError("the inputs hold no file")
    command = [_binary(None), "ingest", "--caches", folder, "--store", store, *arguments]
    status = subprocess.run([os.fspath(one) for one in command], stdin=subprocess.DEVNULL).returncode
    if status not in (0, 1):
        raise RuntimeError(f"gongkai ingest ended with {status}; what was read is in {folder}")
    shutil.rmtree(folder)
    return status


def _read(folder: str, arguments: Sequence[str], program: str | None, batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    """One task: its batches go to a worker; a row says what came of it."""
    import pyarrow
    import pyarrow.ipc

    first = next(batches, None)
    if first is None:
        return
    # A task may be tried again, or be run twice at once: a name of its own, until it is whole.
    attempt = Path(folder) / f".{uuid.uuid4().hex}"
    try:
        with open(attempt, "wb") as out, tempfile.TemporaryFile() as errors:
            # It writes to a file and never waits for us, so we can feed it from here.
            worker = subprocess.Popen([_binary(program), "worker", "read", *arguments], stdin=subprocess.PIPE, stdout=out, stderr=errors)
            try:
                with worker.stdin, pyarrow.ipc.new_stream(worker.stdin, first.schema) as stream:  # type: ignore[union-attr]
                    stream.write_batch(first)
                    for batch in batches:
                        stream.write_batch(batch)
            except BrokenPipeError:
                pass
            except BaseException:
                worker.kill()
                raise
            finally:
                status = worker.wait()
            if status:
                errors.seek(0)
                raise RuntimeError(_said(errors.read()) or f"gongkai worker read ended with {status}")
        with pyarrow.memory_map(str(attempt)) as mapped, pyarrow.ipc.open_stream(mapped) as stream:
            captures = sum(batch.num_rows for batch in stream)
        part = f"{attempt.name[1:]}.arrow"
        size = attempt.stat().st_size
        attempt.rename(attempt.with_name(part))
    finally:
        attempt.unlink(missing_ok=True)
    yield pyarrow.RecordBatch.from_pydict({"part": [part], "captures": [captures], "bytes": [size]})


def _binary(program: str | None) -> str:
    # Not relative: this file is also run by its path.
    from gongkai._binary import binary

    return program or os.fspath(binary())


def _said(errors: bytes) -> str:
    return errors.decode("utf-8", "replace").strip()


def _cores(spark: SparkSession) -> int:
    try:
        return int(spark.sparkContext.defaultParallelism)
    except Exception:
        # A client of Spark Connect sees no context.
        return os.cpu_count() or 1


@contextlib.contextmanager
def _small_batches(spark: SparkSession) -> Iterator[None]:
    """Batches of rows with documents in them are capped by their bytes, or, before Spark 4, by so few rows that it comes to the same."""
    wanted = {"spark.sql.execution.arrow.maxBytesPerBatch": str(BATCH_BYTES)}
    if int(spark.version.split(".")[0]) < 4:
        wanted = {"spark.sql.execution.arrow.maxRecordsPerBatch": "64"}
    before = {name: spark.conf.get(name, None) for name in wanted}
    for name, value in wanted.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, previous in before.items():
            if previous is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, previous)


def main(argv: Sequence[str] | None = None) -> int:
    """The job: `spark-submit spark.py INPUT... --store STORE --exchange FOLDER`, or `python -m gongkai.spark ...`."""
    parser = argparse.ArgumentParser(prog="gongkai.spark", description="Reads a crawl on the executors of Spark or Sail, and publishes it.")
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="folders, files and archives that the driver and all executors see")
    parser.add_argument("--store", required=True, help="the store, on the driver")
    parser.add_argument("--exchange", required=True, help="a folder that the driver and all executors see")
    parser.add_argument("--partitions", type=int, help="tasks [default: four a core]")
    parser.add_argument("--table", action="store_true", help="the inputs are Parquet, one row a document, with the columns of docs/worker.md")
    parser.add_argument("--no-sources", action="store_true", help="leave the documents themselves out of the store")
    options = parser.parse_args(argv)
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("gongkai").getOrCreate()
    inputs = options.inputs
    if options.table:
        inputs = spark.read.parquet(*options.inputs)
        if options.partitions:
            inputs = inputs.repartition(options.partitions)
    worker = ["--no-sources"] if options.no_sources else []
    try:
        return ingest(spark, inputs, options.store, exchange=options.exchange, partitions=options.partitions, worker_arguments=worker)
    finally:
        spark.stop()


if __name__ == "__main__":
    # By its own name: what is sent to executors is then looked up there, and not pickled.
    from gongkai import spark

    sys.exit(spark.main())
