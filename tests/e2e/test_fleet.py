# SPDX-License-Identifier: MIT
"""Records of many runs are one table, in which the statements of docs/fleet.md find what each run has."""

import json
import os
import re
import sqlite3

from harness import ROOT, equal, expect, interpreters, supported

LEAK = """
import gc, sys
gc.disable()
class Page:
    def __init__(self, size):
        self.body = bytearray(size)
def render(size):
    page = Page(size)
    page.me = page
for n in range(int(sys.argv[1])):
    render(int(sys.argv[2]))
"""
COLUMNS = ["run", "started", "program", "runtime", "sampled", "damaged", "subject", "key", "file", "line", "function", "count", "bytes",
           "state", "detail", "hint"]


def one(python):
    """Debian's own 3.13, which is everywhere the tests run."""
    return supported(python) and python.minor == (3, 13) and python.kinds == {"static"}


def statements(kind):
    with open(os.path.join(ROOT, "docs", "fleet.md")) as file:
        return re.findall(r"```%s\n(.*?)```" % kind, file.read(), re.S)


def export(box, folder, what="findings"):
    out = box.command([box.ouro, "export", folder, "--what", what]).succeeds().out
    return [json.loads(line) for line in out.splitlines()]


def leaks(box, count, size):
    """A recorded run, and the bytes of its leak as ouro cycles says."""
    run = box.record(box.write("leak.py", LEAK), str(count), str(size), options=("-q",)).succeeds()
    result = box.command([box.ouro, "cycles", run.folder, "--format", "json", "--type", "__main__.Page"]).succeeds()
    group, = json.loads(result.out)["cycles"]["groups"]
    return run, group


@interpreters(one)
def test_statements_of_the_page_find_the_line_that_leaks_most(box):
    table, bytes_of_leak = [], 0
    for n in range(3):
        run, group = leaks(box, 200 + n, 6000)
        table += export(box, run.folder)
        bytes_of_leak += group["bytes"]
    table += export(box, box.sample("service.py").folder)
    expect(all(list(row) == COLUMNS for row in table), "columns of a row")
    equal(len({row["run"] for row in table}), 4, "different runs")
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE findings(%s)" % ", ".join('"%s"' % column for column in COLUMNS))
        database.executemany("INSERT INTO findings VALUES (%s)" % ", ".join("?" * len(COLUMNS)), [tuple(row.values()) for row in table])
        first, *others = [database.execute(statement).fetchall() for statement in statements("sql")]
    file, line, function, runs, total, hint = first[0]
    equal((file, line, function[-6:], runs, total), ("leak.py", 8, "render", 3, bytes_of_leak), "the line that leaks most")
    expect(hint, "no hint")
    expect(len(others) == 2 and all(others), "a statement of the page has no rows")
    equal([row[3] for row in others[0]], [4] * len(others[0]), "of how many runs")


@interpreters(one)
def test_figures_are_those_that_are_compared(box):
    run, group = leaks(box, 300, 5000)
    figures, findings = export(box, run.folder, "figures"), export(box, run.folder)
    equal([row for row in figures if row in findings], findings, "findings among the figures")
    cycle, = (row for row in findings if row["key"] == group["signature"])
    equal((cycle["count"], cycle["bytes"], cycle["state"]), (300, group["bytes"], "garbage"), "the leak")
    expect({row["subject"] for row in figures} >= {"totals", "cycles", "alive", "allocations", "types", "holders", "retained"}, "a subject is missing")
    made = [row for row in figures if row["subject"] == "allocations" and row["key"].endswith("Page")]
    equal([(row["file"], row["line"], row["count"]) for row in made], [("leak.py", 8, 300)], "allocations of the type")
    again = export(box, run.folder)
    equal(again, findings, "the same run exported twice")
