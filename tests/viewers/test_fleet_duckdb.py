# SPDX-License-Identifier: MIT
"""DuckDB reads the files of a thousand runs as one table, and says which line leaks most."""

import glob
import json
import os

from harness import equal, expect, interpreters, timeout
from test_fleet import leaks, one, statements

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED, MADE = 40, 960


def partition(box, folder, number):
    """As docs/fleet.md says, with real exports."""
    day = box.path("fleet", "date=2026-11-%02d" % (1 + number % 20), "service=%s" % ("web", "jobs", "mail")[number % 3])
    os.makedirs(day, exist_ok=True)
    file = os.path.join(day, "host%d-%d" % (number % 50, number))
    box.command([box.ouro, "export", folder, "--what", "findings", "-o", file + ".tmp"]).succeeds()
    os.rename(file + ".tmp", file + ".ndjson")


def duckdb(box, package, *texts):
    file = box.write("statements.json", json.dumps(texts))
    out = box.command(["node", os.path.join(HERE, "duckdb_run.cjs"), package, file]).succeeds().out
    return [json.loads(line) for line in out.splitlines()]


@interpreters(one)
@timeout(600)
def test_duckdb_finds_the_line_that_leaks_most_in_a_thousand_runs(box):
    package = box.package("@duckdb/node-api")
    make = os.path.join(box.build, "tests", "make_trace")
    expect(os.access(make, os.X_OK), "make_trace is not built")
    leaked = 0
    for number in range(RECORDED):
        run, group = leaks(box, 100 + number, 12000)
        leaked += group["bytes"]
        partition(box, run.folder, number)
    for number in range(RECORDED, RECORDED + MADE):
        folder = box.path("made%d.ouro" % number)
        os.mkdir(folder)
        box.command([make, "cycles", number * 2, os.path.join(folder, "1.trace"), number]).succeeds()
        partition(box, folder, number)
    files = glob.glob(box.path("fleet", "*", "*", "*.ndjson"))
    equal(len(files), RECORDED + MADE, "files")
    rows = [json.loads(line) for file in files for line in open(file)]

    view, parquet = statements("duckdb")
    answers = duckdb(box, package, view, *statements("sql"), "SELECT count(*), count(DISTINCT run), count(DISTINCT date), min(typeof(started)) FROM findings",
                     parquet, "SELECT count(*), sum(bytes) FROM read_parquet('fleet-parquet/*/*/*.parquet', hive_partitioning = true)")[1:]
    lines, kinds, peaks, counts, _, reread = answers
    equal(counts, [[str(len(rows)), str(RECORDED + MADE), "20", "TIMESTAMP"]], "rows, runs and days")
    file, line, function, runs, total, hint = lines[0]
    equal((file, str(line), function[-6:], str(runs), str(total)), ("leak.py", "8", "render", str(RECORDED), str(leaked)), "the line that leaks most")
    expect(hint and kinds and peaks, "a statement has no rows")
    sums = {}
    for row in rows:
        if row["subject"] in ("cycles", "references", "suspects") and row["state"] != "pending":
            sums[row["file"], row["line"]] = sums.get((row["file"], row["line"]), 0) + row["bytes"]
    best = sorted(sums.values(), reverse=True)[:10]
    equal([int(row[4]) for row in lines], best, "bytes of the ten lines, added up without an engine")
    equal([[str(cell) for cell in row] for row in reread], [[str(len(rows)), str(sum(row["bytes"] for row in rows))]], "the table from Parquet")
