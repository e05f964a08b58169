# SPDX-License-Identifier: MIT
"""Births, deaths, stacks and bytes are exactly those of the program."""

import json
import os

from harness import PROGRAMS, equal, expect, interpreters, same_counts

IDENTIFY = os.path.join(PROGRAMS, "identify.py")


@interpreters()
def test_every_allocation_has_the_stack_that_python_sees(box):
    run = box.record(IDENTIFY, box.path("expected.json")).succeeds()
    trace = box.traces(run)[0]
    wanted = {}
    for size, stacks in json.loads(box.read("expected.json")).items():
        for stack, count in stacks:
            key = int(size), folded(map(tuple, stack))
            wanted[key] = wanted.get(key, 0) + count
    equal(sum(wanted.values()) > 100, True, "the program does not make its allocations")
    got = {}
    lines = {(size, stack[0]) for size, stack in wanted}
    for row in trace.rows:
        stack = trace.stack(row.site)
        if stack and (row.size, stack[0]) in lines:
            key = (row.size, tuple(stack))
            got[key] = got.get(key, 0) + row.births
    same_counts(shown(got), shown(wanted), "allocations by size and stack, innermost frame first")


def folded(stack):
    """Recursion as a bounded calling-context tree keeps it: a frame that stands where a frame further
    out stands is folded into that one, with all between (docs/trace-format.md)."""
    kept = []
    for frame in reversed(list(stack)):
        if frame in kept:
            del kept[kept.index(frame) + 1:]
        else:
            kept.append(frame)
    return tuple(reversed(kept))


def shown(counts):
    return {
        "%d bytes at %s" % (size, " < ".join("%s:%s %s" % (os.path.basename(file), line, name) for file, line, name in stack)): count
        for (size, stack), count in counts.items()}


@interpreters()
def test_churn_report_counts_each_line(box):
    """The same through the analyzer: allocations of one size by line, all of them dead but those kept."""
    run = box.script(COUNTED).succeeds()
    sites = box.report(run)["churn"]["sites"]
    for line, size, births, alive in COUNTED_WANTED:
        here = [s for s in sites if s["file"].endswith("/program.py") and s["line"] == line]
        got = (sum(s["allocations"] for s in here), sum(s["alive"] for s in here))
        expect(got == (births, alive), "line %d: allocations, alive: wanted %s, got %s\n  %s" % (
            line, (births, alive), got, here))
        per_block = {s["bytes"] / s["allocations"] for s in here}
        expect(all(size <= each < size + 64 for each in per_block), "line %d: bytes each: %s" % (line, per_block))


COUNTED = """\
kept = []
def churn():
    for _ in range(700):
        bytes(2000)
def keep():
    for _ in range(300):
        kept.append(bytearray(b""))
    del kept[:100]
churn()
churn()
keep()
"""
# line, bytes, births, alive
COUNTED_WANTED = [(4, 2033, 1400, 0), (7, 56, 300, 200)]


@interpreters()
def test_births_less_deaths_is_alive(box):
    for sample in ("tree.py", "service.py"):
        run = box.sample(sample)
        trace = box.trace(run)
        for number, row in enumerate(trace.rows):
            expect(row.births >= sum(row.deaths), "row %d at %s: more deaths than births" % (number, trace.stack(row.site)[:2]))
            expect(row.born_bytes >= row.died_bytes, "row %d: more bytes died than were born" % number)
        births = sum(row.births for row in trace.rows)
        deaths = sum(sum(row.deaths) for row in trace.rows)
        blocks, live = trace.epochs[-1][3:5]
        equal(births - deaths, blocks, "births − deaths, and live blocks of the last epoch")
        equal(sum(r.born_bytes - r.died_bytes for r in trace.rows), live, "bytes born − died, and live bytes")
        for site in box.report(run)["churn"]["sites"]:
            equal(site["allocations"] - sum(site["deaths"].values()), site["alive"], "a site of the churn report: %s" % site)


@interpreters()
def test_live_blocks_are_those_the_allocator_counts(box):
    """pymalloc counts the blocks it gave out without us, from the start of the process on."""
    if "free-threaded" in box.python.kinds:
        box.skip("there is no pymalloc without a global lock")
    run = box.script(BLOCKS).succeeds()
    trace = box.trace(run)
    alive = sum(row.births - sum(row.deaths) for row in trace.rows)
    # A handful are made before the hooks are in, or freed between the program's count and its end.
    expect(abs(alive - int(run.out)) <= 12, "blocks alive: the allocator counts %s, the ledger %d" % (run.out.strip(), alive))


BLOCKS = """\
import json, os, sys
kept = [json.loads(json.dumps({"a": [n, str(n), n * 0.5]})) for n in range(5000)]
for n in range(0, 5000, 3): kept[n] = None
write, finish, count = os.write, os._exit, sys.getallocatedblocks
write(1, b"%d\\n" % count())
finish(0)
"""


@interpreters()
def test_two_runs_give_identical_ledgers(box):
    ledgers = []
    for _ in range(2):
        trace = box.trace(box.sample("tree.py"))
        ledger = {}
        for row in trace.rows:
            key = (tuple(trace.stack(row.site)), row.size, row.flags)
            counts = (row.births, row.born_bytes, tuple(row.deaths))
            ledger[key] = counts
        ledgers.append(ledger)
    same_counts(ledgers[1], ledgers[0], "rows of two runs under PYTHONHASHSEED=0")


@interpreters()
def test_allocations_of_threads_are_counted_exactly(box):
    run = box.script(THREADS).succeeds()
    trace = box.trace(run)
    births = sum(r.births for r in trace.rows if r.size == 33 + 351 + header(box) and trace.stack(r.site)[0][1] == 5)
    equal(births, 8 * 3000, "allocations of eight threads at one line")


THREADS = """\
import sys, threading
sys.setswitchinterval(1e-5)
def work():
    for _ in range(3000):
        bytes(351)
for _ in range(2):
    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
"""


def header(box):
    """Bytes by which an object's header is larger than the usual sixteen."""
    return 16 if "free-threaded" in box.python.kinds else 0


@interpreters()
def test_ten_thousand_threads_come_and_go(box):
    run = box.script(MANY_THREADS).succeeds()
    trace = box.trace(run)
    births = sum(r.births for r in trace.rows if r.size == 33 + 351 + header(box))
    equal(births, 10000, "allocations of ten thousand threads")


MANY_THREADS = """\
import threading
def work():
    bytes(351)
for _ in range(500):
    workers = [threading.Thread(target=work) for _ in range(20)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
"""


@interpreters()
def test_the_collectors_deaths_are_told_apart(box):
    run = box.script(COLLECTED).succeeds()
    trace = box.trace(run)
    deaths = [0, 0, 0]
    for row in trace.rows:
        stack = trace.stack(row.site)
        if stack and stack[0][0].endswith("/program.py") and stack[0][1] == 4:
            for cause in range(3):
                deaths[cause] += row.deaths[cause]
    expect(deaths[1] >= 400 and deaths[0] < 10, "deaths of 400 lists in cycles by refcount, collector, shutdown: %s" % deaths)


COLLECTED = """\
import gc
gc.disable()
def cycle():
    items = []
    items.append(items)
for _ in range(400): cycle()
gc.collect()
"""


@interpreters()
def test_deep_recursion_is_recorded_and_survived(box):
    run = box.script(DEEP).succeeds()
    equal(run.out, "RecursionError\n40000\n", "output of a deeply recursive program")
    trace = box.trace(run)
    births = sum(r.births for r in trace.rows if r.size == 33 + 351 + header(box))
    equal(births, 1000 + 8 * 25, "allocations at the bottom of deep recursions")


DEEP = """\
import sys
sys.setrecursionlimit(3000)
def down(n):
    if n: return down(n - 1)
    return bytes(351)
def endless(): return endless()
def tree(n):
    if n == 0:
        return 1
    return tree(n - 1) + tree(n - 1) + tree(n - 1) + tree(n - 1) + tree(n - 1)
for depth in range(1, 1001): down(depth)
try: endless()
except RecursionError: print("RecursionError")
total = 0
for _ in range(200): bytes(351)
for _ in range(64): total += tree(4)
print(total)
"""
