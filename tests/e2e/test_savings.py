# SPDX-License-Identifier: MIT
"""What is predicted comes true: the fix that is advised, made at its line, shrinks the heap by the predicted net.

Each program names the groups it is about (`# group: TYPE HOLDER`), and the lines to change: what a line is to be stands
behind it (`# fixed: …`). `# made here` marks the line that makes the values where that is another one.
"""

import glob
import os
import re

import tracefile
from harness import PROGRAMS, cases, equal, expect, interpreters
from test_values import block

FOLDER = os.path.join(PROGRAMS, "savings")
NAMES = sorted(os.path.basename(path)[:-3] for path in glob.glob(os.path.join(FOLDER, "*.py")))
CLOSE = 0.03


def fixed(text):
    """The program with the suggested changes made, and the numbers of the lines that change or make the values."""
    lines, changed = text.splitlines(), set()
    for number, line in enumerate(lines):
        code, found, better = line.partition("  # fixed: ")
        if found:
            lines[number] = re.match(" *", code).group() + better
        if found or line.endswith("# made here"):
            changed.add(number + 1)
    return "\n".join(lines) + "\n", changed


def close(got, wanted):
    return abs(got - wanted) <= CLOSE * wanted


def own_count(box, program):
    """Blocks, and bytes of blocks, by the interpreter's and the C library's own count, without us; bytes None if unknown."""
    result = box.program(os.path.join(PROGRAMS, "measure_heap.py"), program, env={"LD_PRELOAD": box.path("malloc_count.so")}).succeeds()
    blocks, mallocs = (int(word) for word in result.out.splitlines()[-1].split())
    arenas = re.search("# bytes in allocated blocks += +([0-9,]+)", result.err)
    return blocks, arenas and mallocs + int(arenas.group(1).replace(",", ""))


def live_table(box, run):
    """Bytes of all blocks that are alive at the snapshot, by the ledger, as the allocator gives them."""
    trace = box.trace(run)
    total = 0
    for row in tracefile.Trace(trace.path, until=trace.last_snapshot.epoch).rows:
        alive = row.births - sum(row.deaths)
        if row.size:
            total += alive * block(row.size, box.python.lockless)
        else:
            total += row.born_bytes - row.died_bytes + 16 * alive
    return total


@interpreters()
@cases(NAMES)
def test_the_suggested_fix_shrinks_the_heap_by_the_predicted_net(box, name):
    with open(os.path.join(FOLDER, name + ".py")) as file:
        text = file.read()
    wanted = [tuple(group.split(" ", 1)) for group in re.findall("^# group: (.*)$", text, re.M)]
    text += "import gc\n\ngc.collect()\n"  # what waits for the collector would be in the way
    better, lines = fixed(text)
    expect(wanted and better != text and lines, name + " says nothing of what to change")
    # Under one name, one after the other: nothing but the marked lines differs.
    box.need("cc")
    box.command(["cc", "-shared", "-fPIC", "-o", box.path("malloc_count.so"), os.path.join(PROGRAMS, "malloc_count.c")]).succeeds()
    before = box.script(text).succeeds()
    report, counted = box.report(before), own_count(box, box.path("program.py"))
    after = box.script(better).succeeds()
    shrunk = live_table(box, before) - live_table(box, after)
    recounted = own_count(box, box.path("program.py"))

    groups = [g for g in report["interning"]["groups"] if (g["type"], g["holder"]) in wanted]
    equal(sorted((g["type"], g["holder"]) for g in groups), sorted(wanted), "the groups of equal values that are found")
    for group in groups:
        expect(group["advice"] != "no" and group["fix_kind"] in ("intern", "cache", "object_hook"),
               lambda group=group: "%(type)s in %(holder)s is not advised: %(advice)s, %(fix)s" % group)
        expect(("sys.intern" if group["type"] == "str" else "setdefault") in group["fix"], lambda group=group: group["fix"])
        expect(os.path.basename(group["fix_at"]["file"]) == "program.py" and group["fix_at"]["line"] in lines,
               lambda group=group: "the line to change is said to be %s, not one of %s" % (group["fix_at"], sorted(lines)))
    net, objects = sum(g["net_bytes"] for g in groups), sum(g["net_objects"] for g in groups)
    figures = "predicted %d bytes, %d objects; heap by the block table %d less; interpreter %s, then %s" % (
        net, objects, shrunk, counted, recounted)
    expect(net > 300000, "too little to measure: " + figures)
    expect(close(shrunk, net), figures)
    expect(close(counted[0] - recounted[0], objects), figures)
    if counted[1] is not None:
        expect(close(counted[1] - recounted[1], net), figures)
