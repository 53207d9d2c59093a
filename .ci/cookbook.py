"""Asks a store every question of the cookbook.

cookbook.py STORE             compares with the results in docs/cookbook/questions/ (of a store that .ci/nation made)
cookbook.py STORE --write     writes the results
cookbook.py STORE --times     prints how long each takes with two threads, the best of three; status 1 above 100 ms, text search aside
cookbook.py STORE --program DUCKDB    asks the command line instead
"""
import csv
import io
import pathlib
import subprocess
import sys
import time

import duckdb

LIMIT = 100.0
store, options = pathlib.Path(sys.argv[1]), sys.argv[2:]
folder = pathlib.Path(__file__).resolve().parent.parent / "docs/cookbook/questions"
questions = sorted(folder.glob("*.sql"))
assert len(questions) >= 25, questions


def words(value: object) -> str:
    """A value as the command line prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "NULL" if value is None else str(value)


def ask(sql: str) -> list[list[str]]:
    found = con.execute(sql)
    return [[d[0] for d in found.description], *([words(v) for v in row] for row in found.fetchall())]


def ask_program(sql: str) -> list[list[str]]:
    said = subprocess.run(
        [program, "-csv", "-nullvalue", "NULL", "-cmd", f".read {store / 'views.sql'}", "-c", sql],
        check=True, capture_output=True, text=True, encoding="utf-8",
    )
    return list(csv.reader(io.StringIO(said.stdout)))


if "--program" in options:
    program = options[options.index("--program") + 1]
    asked, who = ask_program, subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()[0]
else:
    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.execute((store / "views.sql").read_text(encoding="utf-8"))
    asked, who = ask, duckdb.__version__
failed = 0
for question in questions:
    sql, result = question.read_text(encoding="utf-8"), question.with_suffix(".tsv")
    if "--times" in options:
        took = []
        for _ in range(3):
            began, spent = time.monotonic(), time.process_time()
            ask(sql)
            took.append((1000 * (time.monotonic() - began), 1000 * (time.process_time() - spent)))
        best, spent = min(took)
        slow = best > LIMIT and "-- theme: text" not in sql
        failed += slow
        print(f"{question.stem:32}{best:9.1f} ms, {spent:8.1f} ms of processor{'  SLOW' if slow else ''}", flush=True)
        continue
    lines = asked(sql)
    assert not any(c in v for line in lines for v in line for c in "\t\n"), question
    text = "".join("\t".join(line) + "\n" for line in lines)
    if "--write" in options:
        result.write_text(text, encoding="utf-8")
    elif not result.exists() or result.read_text(encoding="utf-8") != text:
        # The command line prints only rows: an empty result has no head there.
        if not text and len(result.read_text(encoding="utf-8").splitlines()) == 1:
            continue
        failed += 1
        print(f"{question.stem}: other than the page says\n{text}")
print(f"{len(questions)} questions, DuckDB {who}: {failed} failed")
sys.exit(failed > 0)
