"""How much faster two executors read than one: Spark with executors of one core each, in processes of their own. Nothing is asserted.

executors.py COUNTRY FOLDER [REPORTS]

Needs Java, PySpark and the wheel (`.ci/spark` makes such an environment), an idle machine, and more cores than executors for the driver to be
out of their way: on two cores it takes some of what it measures. COUNTRY is the example of that name; FOLDER is made anew.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from gongkai.spark import plan, read
from pyspark.sql import SparkSession

country, folder = (Path(a).absolute() for a in sys.argv[1:3])
reports = int(sys.argv[3]) if len(sys.argv) > 3 else 20_000
shutil.rmtree(folder, ignore_errors=True)
subprocess.run([country, str(reports), folder / "crawl", "19"], check=True)
os.environ["PYSPARK_PYTHON"] = sys.executable


def took(executors: int) -> float:
    builder = SparkSession.builder.master(f"local-cluster[{executors},1,1024]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR")
    spark = builder.getOrCreate()
    # Executors and their Python are there before the clock starts.
    spark.range(100, numPartitions=4).rdd.mapPartitions(list).count()
    files = plan(spark, [folder / "crawl"], partitions=16)
    times = []
    for _ in range(3):
        began = time.monotonic()
        parts = read(files, folder / "exchange")
        times.append(time.monotonic() - began)
        captures = sum(part.captures for part in parts)
        shutil.rmtree(folder / "exchange")
    spark.stop()
    print(f"{executors} executors: {min(times):.1f} s for {captures} captures, of {', '.join(f'{t:.1f}' for t in times)}", flush=True)
    return min(times)


one, two = took(1), took(2)
print(f"two executors read {one / two:.2f} times as fast as one")
shutil.rmtree(folder)
