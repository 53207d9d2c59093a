"""What a night costs: a full run, a night without change, a night with 1 % of the documents changed, and peak memory.

nights.py GONGKAI COUNTRY [DOCUMENTS] [FOLDER]

COUNTRY is `cargo build --release -p gongkai-generator --example country`; FOLDER keeps the documents for the next time. The
changed documents are spread over all sites, years and regions: the worst case, every partition is touched. Ratios are of
processor time (the machine may have other work) and of the clock.
"""
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

gongkai, country = sys.argv[1], sys.argv[2]
documents = int(sys.argv[3]) if len(sys.argv) > 3 else 30_000
root = pathlib.Path(sys.argv[4] if len(sys.argv) > 4 else tempfile.mkdtemp(prefix="gongkai-nights-"))
crawl, store = root / f"crawl-{documents}", root / "store"
if not crawl.exists():
    subprocess.run([country, str(documents), str(crawl), "7"], check=True)
shutil.rmtree(store, ignore_errors=True)
pages = sorted(p for p in crawl.rglob("*") if p.is_file() and p.suffix in (".html", ".txt", ".md"))


def night(name: str) -> tuple[float, float]:
    # A file is known by its times once they are two seconds old.
    time.sleep(2.5)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([gongkai, "ingest", str(crawl), "--store", str(store), "--quiet"], check=True)
    clock, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # The greatest of all children so far; the full run comes first.
    print(f"{name:<24}{clock:8.1f} s{cpu:8.1f} s of processor{after.ru_maxrss / 1024:8.0f} MB", flush=True)
    return clock, cpu


full = night("full run")
still = night("no change")
random.seed(time.time_ns())
for page in random.sample(pages, max(1, documents // 100)):
    with open(page, "ab") as file:
        file.write(b"\n<!-- %d -->\n" % time.time_ns())
changed = night("1 % changed")
failed = False
for name, night_, limit in [("no change", still, 0.05), ("1 % changed", changed, 0.10)]:
    clock, cpu = (of / whole for of, whole in zip(night_, full))
    failed |= cpu > limit
    print(f"{name}: {cpu:.1%} of the full run's processor time, {clock:.1%} of its time; at most {limit:.0%}")
if len(sys.argv) <= 4:
    shutil.rmtree(root)
sys.exit(failed)
