# SPDX-License-Identifier: MIT
"""What is predicted comes true: the fix that is advised, made at its line, shrinks the heap by the predicted net.

Each program names what it is about (`# group: TYPE HOLDER`, `# saving: KIND TYPE`), and the lines to change: what a line is to be stands
behind it (`# fixed: …`). `# made here` marks the line that makes the values where that is another one.
"""

import glob
import os
import re

import tracefile
from blocks import block
from harness import PROGRAMS, cases, equal, expect, interpreters
from test_values import intern, section

FOLDER = os.path.join(PROGRAMS, "savings")
OTHER_FOLDER = os.path.join(PROGRAMS, "smaller")
NAMES, OTHERS = (sorted(os.path.basename(path)[:-3] for path in glob.glob(os.path.join(folder, "*.py")))
                 for folder in (FOLDER, OTHER_FOLDER))
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
    """Blocks, and bytes of blocks, by the interpreter's and the C library's own count, without us; bytes None if unknown.
    What waits in free lists is counted, too, and depends on addresses: they are the same each time where that can be had."""
    program = [box.python.path, os.path.join(PROGRAMS, "measure_heap.py"), program]
    fixed = ["setarch", "-R"]
    if box.command([*fixed, "true"]).code == 0:
        program = fixed + program
    result = box.command(program, env={"LD_PRELOAD": box.path("malloc_count.so"), "PYTHONHASHSEED": "0"}).succeeds()
    blocks, mallocs = (int(word) for word in result.out.splitlines()[-1].split())
    arenas = re.search("# bytes in allocated blocks += +([0-9,]+)", result.err)
    return blocks, arenas and mallocs + int(arenas.group(1).replace(",", ""))


def live_table(box, run):
    """Bytes of all blocks that are alive at the snapshot, by the ledger, as the allocator gives them."""
    trace = box.trace(run)
    total = 0
    for row in tracefile.Trace(trace.path, until=trace.last_snapshot.epoch).rows:
        alive = row.births - sum(row.deaths)
        if alive:  # rows of large blocks know but the sum of their sizes
            size = row.size or (row.born_bytes - row.died_bytes) // alive
            total += alive * block(size, box.python.lockless)
    return total


class Change:
    """A program before and after what is marked in it is changed."""

    def __init__(self, box, path):
        with open(path) as file:
            text = file.read()
        text += "import gc\n\ngc.collect()\n"  # what waits for the collector would be in the way
        better, self.lines = fixed(text)
        self.wanted = sorted(tuple(group.split(" ", 1)) for group in re.findall("^# [a-z]+: (.*)$", text, re.M))
        expect(self.wanted and better != text and self.lines, path + " says nothing of what to change")
        box.need("cc")
        box.command(["cc", "-shared", "-fPIC", "-o", box.path("malloc_count.so"), os.path.join(PROGRAMS, "malloc_count.c")]).succeeds()
        # Under one name, one after the other: nothing but the marked lines differs.
        self.before = box.script(text).succeeds()
        blocks, size = own_count(box, box.path("program.py"))
        after = box.script(better).succeeds()
        blocks_after, size_after = own_count(box, box.path("program.py"))
        self.table = live_table(box, self.before) - live_table(box, after)
        self.blocks, self.bytes = blocks - blocks_after, size and size - size_after

    def shrinks_by(self, size, blocks=None):
        figures = "predicted %s bytes, %s objects; the block table has %d bytes less, the interpreter %s in %d blocks" % (
            size, blocks, self.table, self.bytes, self.blocks)
        expect(size > 200000, "too little to measure: " + figures)
        expect(close(self.table, size), figures)
        expect(self.bytes is None or close(self.bytes, size), figures)
        expect(blocks is None or close(self.blocks, blocks), figures)


@interpreters()
@cases(NAMES)
def test_the_suggested_fix_shrinks_the_heap_by_the_predicted_net(box, name):
    change = Change(box, os.path.join(FOLDER, name + ".py"))
    groups = [g for g in intern(box, change.before)["groups"] if (g["type"], g["holder"]) in change.wanted]
    equal(sorted((g["type"], g["holder"]) for g in groups), change.wanted, "the groups of equal values that are found")
    for group in groups:
        expect(group["advice"] != "no" and group["fix_kind"] in ("intern", "cache", "object_hook"),
               lambda group=group: "%(type)s in %(holder)s is not advised: %(advice)s, %(fix)s" % group)
        expect(("sys.intern" if group["type"] == "str" else "setdefault") in group["fix"], lambda group=group: group["fix"])
        expect(os.path.basename(group["fix_at"]["file"]) == "program.py" and group["fix_at"]["line"] in change.lines,
               lambda group=group: "the line to change is said to be %s, not one of %s" % (group["fix_at"], sorted(change.lines)))
    change.shrinks_by(sum(g["net_bytes"] for g in groups), sum(g["net_objects"] for g in groups))


def savings(box, run, *options):
    return section(box, run, "savings", "savings", *options)


@interpreters()
@cases(OTHERS)
def test_what_else_could_be_smaller_is_smaller_by_that_when_it_is_changed(box, name):
    change = Change(box, os.path.join(OTHER_FOLDER, name + ".py"))
    found = savings(box, change.before)
    entries = [e for e in found["entries"] if (e["kind"], e["type"]) in change.wanted
               and (e["line"] in change.lines or e["kind"] == "slots")]
    equal(sorted({(e["kind"], e["type"]) for e in entries}), change.wanted,
          "the findings at the lines that are changed, of %s" % [(e["kind"], e["type"], e["line"]) for e in found["entries"]])
    change.shrinks_by(sum(e["bytes"] for e in entries))
    equal(sum(e["added_bytes"] for e in found["entries"]), found["bytes"], "the total of the findings")
