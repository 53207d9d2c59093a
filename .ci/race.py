"""Readers while the store is published in a loop: every connection through views.sql must see one whole snapshot.

race.py GONGKAI SAMPLES READS
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

import duckdb

gongkai, samples, wanted = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
root = pathlib.Path(tempfile.mkdtemp(prefix="gongkai-race-"))
store, inputs = root / "store", [root / "a", root / "b"]
for folder in inputs:
    shutil.copytree(samples, folder)
shutil.rmtree(sorted(inputs[1].iterdir())[0])


def publish(n: int) -> None:
    subprocess.run(
        [gongkai, "ingest", str(inputs[n % 2]), "--store", str(store), "--prune", "--quiet"], check=True
    )
    if n % 5 == 4:
        subprocess.run([gongkai, "gc", str(store), "--keep", "3", "--days", "1"], check=True, stdout=subprocess.DEVNULL)


publish(0)
done = threading.Event()
published = [1]
failures: list[str] = []


def writer() -> None:
    while not done.is_set():
        try:
            publish(published[0])
        except subprocess.CalledProcessError as error:
            failures.append(f"the writer failed: {error}")
            return
        published[0] += 1


thread = threading.Thread(target=writer)
thread.start()
reads = mixed = failed = 0
seen = set()
while reads < wanted:
    try:
        connection = duckdb.connect()
        connection.execute((store / "views.sql").read_text(encoding="utf-8"))
        first = None
        for _ in range(5):
            # Reports, their rows and the captures that speak for them agree only within one snapshot.
            row = connection.execute(
                "SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM captures WHERE status = 'report'),"
                " (SELECT count(*) FROM disclosure_requests d ANTI JOIN reports r USING (report_id)),"
                " (SELECT sum(total) FROM disclosure_requests)"
            ).fetchone()
            first = first or row
            mixed += row[0] != row[1] or row[2] != 0 or row != first
            reads += 1
        seen.add(first)
        connection.close()
    except (duckdb.Error, OSError) as error:
        failed += 1
        failures.append(str(error))
done.set()
thread.join()
shutil.rmtree(root)
print(f"{reads} reads, {published[0]} runs published meanwhile, {len(seen)} states seen: {mixed} mixed or short, {failed} failed")
print("\n".join(failures[:5]))
sys.exit(1 if mixed or failures or len(seen) < 2 else 0)
