# SPDX-License-Identifier: MIT
"""Where the resident memory is: a table that adds up to the kernel's figure, with each kind where it belongs."""

import json
import os
import re

from harness import PROGRAMS, expect, interpreters
from test_values import section

EXPLAINED = 0.97
NUMPY = """
import numpy
whole = numpy.ones((1000, 1000))
arrays = [numpy.random.rand(1000, 1000) for i in range(3)]  # more than free room of the heap can take
views = [a[1:] for a in arrays]
small = [numpy.zeros(20) for i in range(10000)][::2]
untouched = numpy.empty(50_000_000)
"""

# Blocks of sizes that have fast bins and of others, every other one free; the second arena is of a thread.
MALLINFO = """
import ctypes, json, threading
class Account(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]
libc = ctypes.PyDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
libc.mallinfo2.restype = Account
def fill(blocks):
    blocks += [libc.malloc(size) for _ in range(10000) for size in (40, 100, 1000, 3000)]
def thin():
    for block in blocks[::2] + others[1::2]:
        libc.free(block)
blocks, others = [], []
fill(blocks)
thread = threading.Thread(target=fill, args=(others,))
thread.start()
thread.join()
thin()
account = libc.mallinfo2()
print(json.dumps([account.uordblks, account.fordblks]))
"""


def rss(box, run, *options):
    """The section of the report, and its table by what."""
    native = section(box, run, "rss", "native", *options)
    return native, {line["what"]: line for line in native["rss"]}


def explained(native, table):
    expect(EXPLAINED <= native["rss_explained"] <= 1,
           lambda: "%.4f of VmRSS explained\n%s" % (native["rss_explained"], json.dumps(native["rss"], indent=1)))
    total = sum(line["bytes"] for line in table.values())
    share = min(total, native["rss_bytes"]) / max(total, native["rss_bytes"])
    expect(abs(share - native["rss_explained"]) < 1e-9, lambda: "%s is not the share of %s" % (share, native))


@interpreters()
def test_all_but_three_hundredths_of_resident_memory_are_explained(box):
    run = box.sample("service.py")
    native, table = rss(box, run)
    explained(native, table)
    lines = box.command([box.ouro, "rss", run.folder]).succeeds().out.splitlines()
    expect(all(len(line) <= 80 for line in lines), lambda: "\n".join(lines))
    expect(any("VmRSS" in line for line in lines), lambda: "\n".join(lines))


@interpreters()
def test_memory_is_of_the_kind_that_it_was_made_as(box):
    run = box.record(os.path.join(PROGRAMS, "resident.py")).succeeds()
    native, table = rss(box, run)
    explained(native, table)
    wanted = json.loads(run.out.splitlines()[0])
    if box.python.lockless:  # all three come from mimalloc, which has its own mappings
        wanted["blocks"] += wanted.pop("malloc") + wanted.pop("malloc_mapped")
    for what, least in wanted.items():
        got = table.get(what, {"bytes": 0})["bytes"]
        # Next to what the program made is what the interpreter has of the kind.
        most = least * 1.05 + (64 << 20 if box.python.lockless or what == "blocks" else 8 << 20)
        expect(least * 0.97 <= got <= most,
               lambda: "%s: wanted %d, got %d\n%s" % (what, least, got, json.dumps(native["rss"], indent=1)))
    stacks = table["stacks"]
    expect(stacks["pieces"] == 4, lambda: "stacks of the main thread and three more: %s" % stacks)
    expect(stacks["bytes"] >= 3 * 8192, lambda: "%s" % stacks)


@interpreters(lambda python: python.supported and not python.lockless)
def test_pools_are_those_of_the_interpreter_by_its_own_count(box):
    program = os.path.join(PROGRAMS, "resident.py")
    native, table = rss(box, box.record(program).succeeds())
    alone = box.program(program).succeeds()  # it does not count while somebody else hooks its allocators
    stats = {}
    for size, pools, used, free in re.findall(r"^ +\d+ +(\d+) +(\d+) +(\d+) +(\d+)$", alone.err, re.M):
        stats[int(size)] = (int(pools), int(used), int(free))
    expect(len(stats) > 20, lambda: "no table of size classes\n%s" % alone)
    got = {pools["size"]: (pools["pools"], pools["used"]) for pools in native["pools"]}
    # Between its count and the snapshot the interpreter goes on for a few hundred blocks.
    for size, (pools, used, _) in stats.items():
        mine = got.get(size, (0, 0))
        expect(abs(mine[1] - used) <= 300 + used * 0.01 and abs(mine[0] - pools) <= 3 + pools * 0.02,
               lambda: "blocks of %d: pools, blocks: wanted %s, got %s" % (size, (pools, used), mine))
    half_free = next(p for p in native["pools"] if p["size"] == 96)
    expect(half_free["used"] < 0.6 * half_free["room"], lambda: "every other block is free: %s" % half_free)
    room = sum((p["room"] - p["used"]) * p["size"] for p in native["pools"])
    expect(table["room"]["bytes"] >= 0.9 * room, lambda: "free in pools: %d, of which resident: %s" % (room, table["room"]))
    arenas = int(re.search(r"# arenas allocated current += +([0-9,]+)", alone.err).group(1).replace(",", ""))
    expect(abs(table["empty"]["pieces"] - arenas) <= 1, lambda: "%d arenas, got %s" % (arenas, table["empty"]))


@interpreters()
def test_what_malloc_uses_and_has_free_is_what_the_c_library_says(box):
    run = box.script(MALLINFO).succeeds()
    used, free = json.loads(run.out)
    _, table = rss(box, run)
    # What a thread keeps of freed blocks is free here, and the program goes on for a little.
    for what, wanted in (("malloc", used), ("malloc_free", free)):
        expect(abs(table[what]["extent"] - wanted) < 500_000,
               lambda: "%s: wanted %d, got %s" % (what, wanted, table[what]))
    expect(used > 40_000_000 and free > 40_000_000, run.out)


@interpreters()
def test_buffers_of_numpy_are_blocks_of_malloc(box):
    if box.program("-c", "import numpy").code:
        box.skip("this interpreter has no numpy")
    run = box.script(NUMPY).succeeds()
    native, table = rss(box, run)
    explained(native, table)
    buffers = 8 * 4 * 1000 * 1000
    got = table["malloc_mapped"]["bytes"]
    expect(buffers <= got <= buffers * 1.1, lambda: "buffers of %d bytes, got %s" % (buffers, native["rss"]))
    expect(table["malloc_mapped"]["extent"] >= 400_000_000, "what is allocated and never touched is not resident")
