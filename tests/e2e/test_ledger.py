# SPDX-License-Identifier: MIT
"""Births, deaths, stacks and bytes are exactly those of the program."""

import collections
import json
import os

from harness import PROGRAMS, births, equal, expect, interpreters, same_counts, size_of

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
        got = [sum(s[key] for s in here) for key in ("allocations", "alive", "bytes")]
        got[1] += sum(s["deaths"]["shutdown"] for s in here)
        # The interpreter may add a cache of its own to a line that runs often.
        fits = births <= got[0] <= births + 2 and alive <= got[1] <= alive + 2 and births * size <= got[2] < births * (size + 16) + 2000
        expect(fits, "line %d: wanted %d allocations of %d bytes, %d alive at the end; got %s in all\n  %s" % (
            line, births, size, alive, got, here))


COUNTED = """\
kept, seed = [], b"x"
def churn():
    for _ in range(700):
        seed * 2000
def keep():
    for _ in range(300):
        kept.append(seed * 200)
    del kept[:100]
churn()
churn()
keep()
"""
# line, bytes, births, alive
COUNTED_WANTED = [(4, 2033, 1400, 0), (7, 233, 300, 200)]


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


@interpreters(lambda python: python.supported and not python.lockless)
def test_live_blocks_are_those_the_allocator_counts(box):
    """pymalloc counts the blocks it gave out without us, from the start of the process on."""
    run = box.script(BLOCKS).succeeds()
    trace = box.trace(run)
    # Of the epoch that the snapshot at os._exit began with.
    alive = trace.epochs[-1][3]
    # A handful are made before the hooks are in, or freed between the program's count and its end. From
    # 3.13 on the ledger also knows which blocks hold no object: those waiting in free lists.
    waiting = 1000 if box.python.minor >= (3, 13) else 0
    expect(-12 <= alive - int(run.out) + waiting <= 12 + waiting, "blocks alive: the allocator counts %s, the ledger %d" % (run.out.strip(), alive))


BLOCKS = """\
import json, os, sys
kept = [json.loads(json.dumps({"a": [n, str(n), n * 0.5]})) for n in range(5000)]
for n in range(0, 5000, 3): kept[n] = None
write, finish, count = os.write, os._exit, sys.getallocatedblocks
write(1, b"%d\\n" % count())
finish(0)
"""


@interpreters()
def test_births_are_those_the_allocator_counts(box):
    """Between two looks at sys.getallocatedblocks() nothing dies; what the looks themselves cost cancels out."""
    run = box.script(CHAINS).succeeds()
    trace = box.trace(run)
    first, second = map(int, run.out.split())
    equal(second - first, 20000, "blocks that the allocator gave out more for a chain that is 20,000 longer")
    counted = sum(row.births for row in trace.rows if trace.place(row.site)[0].endswith("program.py") and trace.place(row.site)[1] == 7)
    equal(counted, 20000 + 40000, "births at the line that makes the chains")


# What free lists still hold is taken before.
CHAINS = """\
import gc, itertools, os, sys
gc.disable()
get, write, finish, repeat = sys.getallocatedblocks, os.write, os._exit, itertools.repeat
def chain(length):
    head = None
    for _ in repeat(None, length):
        head = (head,)
    return head
drained = None
for _ in repeat(None, 5000):
    drained = (drained,)
before = get()
one = chain(20000)
between = get()
other = chain(40000)
after = get()
write(1, b"%d %d\\n" % (between - before, after - between))
finish(0)
"""


@interpreters()
def test_two_runs_give_identical_ledgers(box):
    ledgers = []
    for _ in range(2):
        trace = box.trace(box.sample_at_fixed_addresses("tree.py", "-S"))
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
    equal(births(trace, size_of(box, 350)), 8 * 3000, "allocations of eight threads at one line")


THREADS = """\
import sys, threading
sys.setswitchinterval(1e-5)
def work():
    for _ in range(3000):
        bytes(350)
for _ in range(2):
    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
"""


@interpreters()
def test_ten_thousand_threads_come_and_go(box):
    run = box.script(MANY_THREADS).succeeds()
    trace = box.trace(run)
    equal(births(trace, size_of(box, 350)), 10000, "allocations of ten thousand threads")


MANY_THREADS = """\
import threading
def work():
    bytes(350)
for _ in range(500):
    workers = [threading.Thread(target=work) for _ in range(20)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
"""


@interpreters()
def test_the_collectors_deaths_are_told_apart(box):
    if box.python.lockless:
        box.skip("without the global lock the collector's deaths are not told apart")
    run = box.script(COLLECTED).succeeds()
    trace = box.trace(run)
    deaths = [0, 0, 0]
    for row in trace.rows:
        stack = trace.stack(row.site)
        if stack and stack[0][0].endswith("/program.py") and stack[0][1] == 4:
            for cause in range(3):
                deaths[cause] += row.deaths[cause]
    expect(deaths[1] >= 300 and deaths[0] < 10, "deaths of 400 lists in cycles by refcount, collector, shutdown: %s" % deaths)


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
    equal(births(trace, size_of(box, 350)), 1000 + 8 * 25, "allocations at the bottom of deep recursions")


RECYCLED = "".join("""\
def function_%d(value):
    made = (value, value)
    del made
    made = (value, 0)
    del made
function_%d(1)
""" % (n, n) for n in range(300))


@interpreters()
def test_an_object_from_a_free_list_is_born_at_its_own_line(box):
    """Each line is met once, so nothing of it is remembered; both tuples are the one block of the free list."""
    if box.python.minor < (3, 13):
        box.skip("the reuse of a block by a free list is told from 3.13 on")
    trace = box.trace(box.script(RECYCLED).succeeds())
    born = collections.Counter()
    for row in trace.rows:
        file, line = trace.place(row.site)[:2]
        if file.endswith("program.py"):
            born[line] += row.births
    wrong = [line for n in range(300) for line in (6 * n + 2, 6 * n + 4) if born[line] != 1]
    equal(wrong, [], "lines that make one tuple, and on which not one was born")


DEEP = """\
import sys
sys.setrecursionlimit(3000)
def down(n):
    if n: return down(n - 1)
    return bytes(350)
def endless(): return endless()
def tree(n):
    if n == 0:
        return 1
    return tree(n - 1) + tree(n - 1) + tree(n - 1) + tree(n - 1) + tree(n - 1)
for depth in range(1, 1001): down(depth)
try: endless()
except RecursionError: print("RecursionError")
total = 0
for _ in range(200): bytes(350)
for _ in range(64): total += tree(4)
print(total)
"""
