# SPDX-License-Identifier: MIT
"""Native memory that grows while a program runs is a suspect; what fills up, or comes and goes, is none."""

import json

from comparing import baseline, check, diff
from harness import equal, expect, interpreters
from test_fleet import one
from test_native import ALL

GROWER = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#define APART __attribute__((noinline, noclone))
static volatile int zero;
static char *volatile kept, *slots[400], *buffer;
static unsigned long length;
APART static void leaks(unsigned long size) { kept = malloc(size); zero = 0; }
APART static void extends(void) { buffer = realloc(buffer, length += 300); zero = 0; }
APART static void maps(void) { kept = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); zero = 0; }
APART static void fills(int slot) { slots[slot] = malloc(3000); zero = 0; }
APART static void replaces(int slot) { free(slots[slot]); slots[slot] = malloc(2000 + (unsigned)slot); zero = 0; }
APART static void passes(void) { void *volatile p = malloc(20000); free(p); zero = 0; }
int turn(int number, int leak)
{
    passes();
    replaces(300 + number % 100);
    if (number < 300)
        fills(number);
    if (leak) {
        leaks(500);
        if (number % 10 == 0) {
            extends();
            maps();
        }
    }
    return 0;
}
"""
SCRIPT = """
import ctypes
turn = ctypes.PyDLL(%r).turn
def serve(number):
    return turn(number, %d)
for number in range(%d):
    serve(number)
"""


def growth(box, leak, turns, *options):
    box.need("cc")
    source = box.write("grower.c", GROWER)
    box.command(["cc", "-g", "-O1", "-fno-optimize-sibling-calls", "-shared", "-fPIC", source, "-o", box.path("grower.so")]).succeeds()
    run = box.script(SCRIPT % (box.path("grower.so"), leak, turns), options=[*options, "--epoch", "64k"]).succeeds()
    got = json.loads(box.command([box.ouro, "leaks", run.folder, "--format", "json"]).succeeds().out)["leaks"]
    equal(box.report(run)["leaks"], got, "leaks in the report and alone")
    return run, got["native"]


def by_asker(suspects):
    return {s["asker"]: s for s in suspects}


@interpreters()
def test_native_memory_that_grows_is_a_suspect_and_what_fills_or_passes_is_not(box):
    run, suspects = growth(box, 1, 4000, *ALL)
    found = by_asker(suspects)
    equal(sorted(found), ["extends in grower", "leaks in grower", "maps in grower"], "suspects")
    leak = found["leaks in grower"]
    equal((leak["kind"], leak["estimated"], leak["alive"], leak["alive_bytes"]), ("malloc", False, 4000, 4000 * 500), "what leaks")
    equal([frame["function"] for frame in leak["native_stack"][:2]], ["leaks", "turn"], "native frames")
    equal([frame["line"] for frame in leak["stack"]][:2], [5, 7], "Python lines")
    for name, each in (("leaks in grower", 500), ("maps in grower", 8192)):
        for point in found[name]["growth"]:
            equal(point["bytes"], point["count"] * each, "bytes of the blocks of " + name)
    marks = [point["bytes"] for point in leak["growth"]]
    equal(len(marks), 9, "marks")
    expect(all(b > a for a, b in zip(marks, marks[1:])) and 1600 <= marks[0] // 500 <= 2400, lambda: "marks: %s" % marks)
    # A round takes about as much of the clock as any other.
    steps = [b - a for a, b in zip(marks, marks[1:])]
    expect(max(steps) < 3 * min(steps), lambda: "steps: %s" % steps)
    equal((found["maps in grower"]["kind"], found["maps in grower"]["alive"]), ("mapping", 400), "mappings that stay")
    seconds = leak["growth"][-1]["time"] - leak["growth"][0]["time"]
    expect(abs(leak["rate"]["bytes_per_second"] * seconds - (marks[-1] - marks[0])) < 0.01 * marks[-1], lambda: "%s in %s s" % (leak["rate"], seconds))
    text = box.command([box.ouro, "leaks", run.folder]).succeeds().out
    expect("leaks in grower: more and more blocks of malloc" in " ".join(text.split()), text)
    wide = [line for line in text.splitlines() if len(line) > 80 and box.folder not in line]
    expect(not wide, "too wide: %s" % wide)
    one = box.command([box.ouro, "leaks", run.folder, leak["signature"]]).succeeds().out
    expect("leaks in grower" in one and "maps in grower" not in one, one)


@interpreters()
def test_native_caches_that_are_full_are_no_suspects(box):
    _, suspects = growth(box, 0, 4000, *ALL)
    equal([s["asker"] for s in suspects], [], "suspects")


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_of_a_sample_growth_is_seen_where_it_is_large_enough(box):
    _, suspects = growth(box, 1, 12000, "--native", "--native-sample", "4096", "--seed", "11")
    found = by_asker(suspects)
    expect("leaks in grower" in found and "maps in grower" in found and not {"fills in grower", "passes in grower", "replaces in grower"} & set(found),
           lambda: "suspects: %s" % sorted(found))
    leak = found["leaks in grower"]
    # About 1,400 samples: the standard deviation is 3 hundredths.
    expect(leak["estimated"] and abs(leak["alive_bytes"] / (12000 * 500) - 1) < 0.2, lambda: "estimate: %s" % leak["alive_bytes"])


def grows(found):
    return sorted((f["file"].split("/")[-1], f["line"], f["detail"].split(":")[0]) for f in found["findings"] if f["rule"] == "native-growth-suspect")


@interpreters(one)
def test_native_memory_that_grows_is_a_finding_of_the_gate(box):
    steady, grown = (growth(box, leak, 4000, *ALL)[0].folder for leak in (0, 1))
    agreed = baseline(box, steady)
    equal(grows(check(box, steady, "--baseline", agreed, code=0)), [], "findings of the baseline's own run")
    wanted = [("program.py", 5, "%s in grower" % name) for name in ("extends", "leaks", "maps")]
    found = check(box, grown, "--baseline", agreed, code=1)
    equal(grows(found), wanted, "findings against a baseline without growth")
    equal({f["state"] for f in found["findings"] if f["rule"] == "native-growth-suspect"}, {"failure"}, "states")
    text = box.command([box.ouro, "check", grown, "--baseline", agreed]).succeeds(1).out
    expect("leaks in grower: more and more blocks of malloc, in C at grower.c:" in " ".join(text.split()), text)
    equal(grows(check(box, grown, "--fail-on", "native-growth-suspect", code=1)), wanted, "findings without a baseline")
    known = check(box, grown, "--baseline", baseline(box, grown), "--fail-on", "all", code=0)
    equal(grows(known), [], "findings of growth that the baseline has")
    changes = [c for c in diff(box, steady, grown)["changes"] if c["subject"] == "native_suspects"]
    equal({c["change"] for c in changes}, {"new"}, "changes")


@interpreters(one)
def test_native_memory_that_the_end_lets_go_only_warns(box):
    box.need("cc")
    run = box.script("""
import ctypes
libc = ctypes.PyDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
class Block:
    def __init__(self):
        self.block = libc.malloc(3000)
    def __del__(self, free=libc.free):
        free(self.block)
blocks = [Block() for number in range(6000)]
""", options=[*ALL, "--epoch", "64k"]).succeeds()
    (suspect,) = json.loads(box.command([box.ouro, "leaks", run.folder, "--format", "json"]).succeeds().out)["leaks"]["native"]
    equal((suspect["released"], suspect["alive"]), (True, 0), "what is let go")
    expect("let go at the end" in box.command([box.ouro, "leaks", run.folder]).succeeds().out, "the text does not say that it is let go")
    found = check(box, run.folder, "--fail-on", "native-growth-suspect", code=0)
    equal([f["state"] for f in found["findings"] if f["rule"] == "native-growth-suspect"], ["warning"], "states")
