# SPDX-License-Identifier: MIT
"""A run of several processes as one: ouro processes, and how the gate takes it."""

import json
import os

from comparing import baseline, check, diff, described, valid
from harness import PROGRAMS, cases, equal, expect, interpreters, timeout

WORKERS = os.path.join(PROGRAMS, "workers.py")

# Every forked child sleeps before it does anything.
LATE = """\
#include <pthread.h>
#include <unistd.h>
static void late(void) { usleep(400000); }
static __attribute__((constructor)) void set_up(void) { pthread_atfork(0, 0, late); }
"""


def together(box, run):
    result = box.command([box.ouro, "processes", run, "--format", "json", "--top", "0"]).succeeds()
    found = json.loads(result.out)
    valid(found, "processes")
    return found


@interpreters()
def test_workers_are_one_report_with_a_column_each(box):
    run = box.record(WORKERS, "3").succeeds()
    found = together(box, run.folder)
    tree = [(p["origin"], p["parent"], p["depth"]) for p in found["processes"]]
    # The master first, then its children in the order of their start: the helper was the last.
    equal(sorted(tree[1:4]), [("fork", 0, 1)] * 3, "the workers in the tree")
    equal((tree[0], tree[4]), (("exec", None, 0), ("exec", 0, 1)), "the master and its helper in the tree")
    cycles = [e for e in found["entries"] if e["subject"] == "cycles" and "Session" in e["detail"]]
    equal(len(cycles), 1, "kinds of cycles of sessions")
    each = [cell and cell["count"] for cell in cycles[0]["each"]]
    equal((each[0], each[4], sorted(each[1:4])), (None, None, [2000, 2000, 4000]), "cycles of each process")
    equal(cycles[0]["all"]["count"], 8000, "cycles of all processes")
    equal(cycles[0]["all"]["bytes"], sum(cell["bytes"] for cell in cycles[0]["each"] if cell), "their bytes")
    shared = [e for e in found["entries"] if e["subject"] == "alive" and e["key"] == "str" and "SHARED" in (e["detail"] or "")]
    equal([[cell and cell["count"] for cell in e["each"]] for e in shared], [[500] * 4 + [None]], "what the master loaded")


@interpreters()
def test_a_child_that_runs_late_started_when_it_was_forked(box):
    box.need("cc")
    late, library = box.write("late.c", LATE), box.path("late.so")
    box.command(["cc", "-shared", "-fPIC", "-o", library, late]).succeeds()
    # Loaded after the shim, and so set up before it: its handlers run first in the child.
    run = box.record(WORKERS, "2", env={"LD_PRELOAD": library}).succeeds()
    tree = [(p["origin"], p["parent"]) for p in together(box, run.folder)["processes"]]
    equal(tree, [("exec", None), ("fork", 0), ("fork", 0), ("exec", 0)], "processes in the order of their start")


@interpreters()
def test_text_has_a_tree_and_columns_in_eighty_columns(box):
    for workers, what in ((3, "4,000"), (9, "in 9 of 11 processes: 2,000 to 4,000")):
        run = box.record(WORKERS, str(workers), folder=box.path("w%d.ouro" % workers)).succeeds()
        for command in ("processes", "report"):
            out = box.command([box.ouro, command, run.folder]).succeeds().out
            expect(all(len(line) <= 80 for line in out.splitlines()), "a line is too long:\n" + out)
            equal(out.count(" fork "), workers, "forked processes listed by " + command)
        out = box.command([box.ouro, "processes", run.folder]).succeeds().out
        expect(what in out, "%s is not told\n%s" % (what, out))
        page = box.command([box.ouro, "processes", run.folder, "--format", "markdown"]).succeeds().out
        rows = [line for line in page.splitlines() if "cycle:" in line]
        equal([line.replace("\\|", "").count("|") for line in rows], [workers + 6] * len(rows), "cells of a row")


@interpreters()
@cases(["fork", "spawn"])
@timeout(120)
def test_multiprocessing_workers_are_children_of_their_master(box, method):
    program = box.write("program.py", """\
import multiprocessing, os
class Node:
    def __init__(self): self.payload = bytes(4000)  # a forked worker with little of its own is not photographed
KEPT = []
def work(number):
    for _ in range(500):
        KEPT.append(Node())
    return os.getpid()
if __name__ == "__main__":
    context = multiprocessing.get_context("%s")
    with context.Pool(2) as pool:
        print(len(set(pool.map(work, range(4), chunksize=1))) > 0)
        pool.close()
        pool.join()
""" % method)
    found = together(box, box.record(program).succeeds().folder)
    roots = [p for p in found["processes"] if p["parent"] is None]
    equal(len(roots), 1, "processes without a parent: %s" % [p["argv"] for p in roots])
    nodes = [e for e in found["entries"] if e["subject"] == "alive" and e["key"].endswith(".Node")]
    equal(sum(e["all"]["count"] for e in nodes), 2000, "nodes alive in all workers")


@interpreters()
def test_the_gate_takes_all_processes_together(box):
    runs = [box.record(WORKERS, "3", folder=box.path("%d.ouro" % n), env={"PYTHONHASHSEED": "random"}).succeeds().folder for n in range(2)]
    found = diff(box, *runs)
    expect(not found["changes"], lambda: "two runs of the same workers differ:\n" + described(found))
    agreed = baseline(box, runs[0])
    check(box, runs[1], "--baseline", agreed, code=0)
    more = box.record(WORKERS, "6").succeeds().folder
    failing = {f["rule"] for f in check(box, more, "--baseline", agreed, code=1)["findings"] if f["state"] == "failure"}
    expect("more-cycles" in failing, "rules that fail for twice as many workers: %s" % failing)
