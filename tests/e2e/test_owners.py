# SPDX-License-Identifier: MIT
"""Who owns native memory: a block of malloc belongs to the object that has its address, once."""

import json

from harness import equal, expect, interpreters
from test_values import section

# What a block takes, by the C library's own account: with the word that it keeps for itself, or, with a
# mapping of its own, the pages of that.
BLOCK = """
import ctypes, gc, json, sys
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.malloc_usable_size.argtypes = [ctypes.c_void_p]
def takes(address):
    size = libc.malloc_usable_size(address)
    return size + 8 if address % 4096 != 16 or size < 120_000 else size + 16 + 4095 & ~4095
gc.disable()
"""

NUMPY = BLOCK + """
try:
    import numpy
except ImportError:
    sys.exit(77)
class Node: pass
def shape(array):
    return takes(ctypes.c_uint64.from_address(id(array) + 32).value)
def size(array):
    return takes(array.ctypes.data)
def leak(length):
    node = Node()
    node.itself = node
    node.array = numpy.ones(length)
    node.view = node.array[10:20]
    return size(node.array) + shape(node.array) + shape(node.view)
kept = [numpy.ones(length) for length in (7, 200, 5_000, 300_000)]
views = [kept[3][i:] for i in range(100)] + [kept[3], kept[3][:5]]
windows = [memoryview(kept[3]), memoryview(kept[3])[100:]]
shared = numpy.frombuffer(bytearray(b"x" * 100_000), dtype="u1")
leaked = [leak(100_000) for _ in range(5)]
print(json.dumps({"kept": {str(id(a)): size(a) + shape(a) for a in kept}, "leaked": leaked,
                  "borrows": [id(shared), shape(shared)]}))
"""

ARRAYS = """
select o.address as address, t.address as block, t.size as size, t.retained as retained, o.retained as whole from edges e
join objects o on o.id = e.source join objects t on t.id = e.target
where t.type like 'memory of numpy%' and o.type = 'numpy.ndarray'
"""


def query(box, run, text):
    return json.loads(box.command([box.ouro, "query", run.folder, text, "--format", "json"]).succeeds().out)


def number(address):
    return address if isinstance(address, int) else int(address, 16)


@interpreters(lambda python: python.supported and python.minor >= (3, 11))
def test_numpy_arrays_own_their_buffers_to_the_byte_and_views_do_not(box):
    run = box.script(NUMPY)
    if run.code == 77:
        box.skip("this interpreter has no numpy")
    said = json.loads(run.succeeds().out)
    owned = {}
    for row in query(box, run, ARRAYS):
        owned.setdefault(number(row["address"]), []).append(row)
    for address, size in said["kept"].items():
        rows = owned[int(address)]
        equal(len(rows), 1, "nodes of memory below the array at %s: %s" % (address, rows))
        equal(rows[0]["size"], size, "bytes that the array has from malloc, for its items and its shape")
        expect(rows[0]["whole"] > size, lambda: "what the array retains: %s" % rows)
    address, size = said["borrows"]
    equal([row["size"] for row in owned[address]], [size], "memory of an array over a bytearray: its shape")
    holders = [row for rows in owned.values() for row in rows]
    equal(len({number(row["block"]) for row in holders}), len(holders), "blocks with one holder each")
    cycles = section(box, run, "cycles", "cycles")
    mine = [(g["count"], g["bytes_native"]) for g in cycles["groups"] if g["path"][0]["type"] == "__main__.Node"]
    equal(mine, [(5, sum(said["leaked"]))], "native bytes of the leaked cycles")
    heap = box.report(run)["heap"]
    equal(heap["bytes_native"], sum(t["bytes"] for t in heap["types"] if "memory" in t["type"].split()), "native bytes of the heap")
    text = box.command([box.ouro, "cycles", run.folder]).succeeds().out
    expect("of it native memory)" in text and "memory of numpy.ndarray" in text, text)
    entries = {e["name"]: e for e in section(box, run, "retained", "retained", "--top", "50")["entries"]}
    equal(entries["__main__.kept[3].data"]["bytes_native"], max(said["kept"].values()), "native bytes in retained sizes")


# A block that has the addresses of many others, all of them twice.
INDEXED = BLOCK + """
COUNT = 250_000
table = (ctypes.c_void_p * COUNT).from_address(libc.malloc(16 * COUNT))
for i in range(COUNT):
    table[i] = libc.malloc(24)
ctypes.memmove(ctypes.addressof(table) + 8 * COUNT, table, 8 * COUNT)
owner = ctypes.c_void_p(ctypes.addressof(table))
print(takes(owner.value) + sum(map(takes, table)))
del table
"""


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_a_block_with_the_addresses_of_many_takes_no_time(box):
    run = box.script(INDEXED).succeeds()
    # Of the processor, in the copy: less than one second, or half a minute if they are compared with each other.
    expect(all(s.cpu < 10e9 for s in box.trace(run).snapshots.values()), "the snapshot took ten seconds of processor time")
    rows = query(box, run, "select sum(size) as size from objects where type = 'memory of ctypes.c_void_p'")
    # Some addresses stand in memory that nobody has cleared, too, whose owners then share the block.
    expect(0.99 * int(run.out) <= rows[0]["size"] <= int(run.out), lambda: "%s, of %s bytes" % (rows, run.out))


# In C, so that the address of the second block is nowhere else.
CHAIN = """
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
static size_t sum;
void *chain(size_t first, size_t second)
{
    char **outer = malloc(first);
    memset(outer, 0, first);
    outer[2] = malloc(second);
    memset(outer[2], 0, second);
    sum = malloc_usable_size(outer) + malloc_usable_size(outer[2]) + 16;
    return outer;
}
size_t taken(void) { return sum; }
"""

POINTERS = BLOCK + """
library = ctypes.CDLL(sys.argv[1])
library.chain.restype = ctypes.c_void_p
library.chain.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
library.taken.restype = ctypes.c_size_t
class Owner: pass
def leak():
    owner = Owner()
    owner.itself = owner
    owner.pointer = ctypes.c_void_p(libc.malloc(500_000))
    return takes(owner.pointer.value)
def two():
    address = libc.malloc(400_000)
    return [ctypes.c_void_p(address) for _ in range(2)], takes(address)
def chain():
    address = library.chain(1000, 40_000)
    return ctypes.c_void_p(address), library.taken()
leaked = [leak() for _ in range(3)]
pair, shared = two()
head, chained = chain()
freed = ctypes.c_void_p(libc.malloc(90_000))
libc.free.argtypes = [ctypes.c_void_p]
libc.free(freed)
small = [ctypes.c_void_p(libc.malloc(50)) for _ in range(30)]
for pointer in small:
    libc.free(pointer)
print(json.dumps({"leaked": leaked, "shared": shared, "chained": chained, "pair": [id(p) for p in pair],
                  "head": id(head), "dead": [id(freed)] + [id(p) for p in small]}))
"""

HELD = """
select o.address as address, t.size as size, o.retained as whole, o.size as own from edges e
join objects o on o.id = e.source join objects t on t.id = e.target where t.type = 'memory of ctypes.c_void_p' and o.type = 'ctypes.c_void_p'
"""


@interpreters()
def test_what_an_object_has_from_malloc_is_its_and_is_counted_once(box):
    box.need("cc")
    box.write("chain.c", CHAIN)
    box.command(["cc", "-O1", "-shared", "-fPIC", box.path("chain.c"), "-o", box.path("chain.so")]).succeeds()
    run = box.record(box.write("pointers.py", POINTERS), box.path("chain.so")).succeeds()
    said = json.loads(run.out)
    groups = section(box, run, "cycles", "cycles")["groups"]
    mine = [(g["count"], g["bytes_native"]) for g in groups if g["path"][0]["type"] == "__main__.Owner"]
    equal(mine, [(3, sum(said["leaked"]))], "native bytes of the leaked cycles: %s" % groups)
    held = {number(row["address"]): row for row in query(box, run, HELD)}
    for address in said["pair"]:
        row = held[address]
        equal(row["size"], said["shared"], "a block that two objects have")
        expect(row["whole"] < 10_000, lambda: "neither of the two retains it: %s" % row)
    equal(held[said["head"]]["size"], said["chained"], "a block and the one that only it leads to")
    equal(held[said["head"]]["whole"], said["chained"] + held[said["head"]]["own"], "what its object retains")
    dead = [address for address in said["dead"] if address in held]
    equal(dead, [], "objects whose blocks were freed")
    sizes = [t["bytes"] for t in box.report(run)["heap"]["types"] if t["type"] == "memory of ctypes.c_void_p"]
    equal(sizes, [sum(said["leaked"]) + said["shared"] + said["chained"]], "all of it, each block once")


THREAD = BLOCK + """
import threading
found = []
def work():
    found.append(ctypes.c_void_p(libc.malloc(3000)))
    done.set()
    go.wait()
done, go = threading.Event(), threading.Event()
thread = threading.Thread(target=work)
thread.start()
done.wait()
print(json.dumps({str(id(found[0])): takes(found[0].value)}))
sys.stdout.flush()
import os
os._exit(0)
"""


@interpreters()
def test_a_block_from_the_heap_of_another_thread_is_seen_too(box):
    run = box.script(THREAD).succeeds()
    (address, size), = json.loads(run.out).items()
    held = {number(row["address"]): row for row in query(box, run, HELD)}
    equal(held[int(address)]["size"], size, "the block of the thread")


# A block with a mapping of its own, and behind it what cannot be read.
LAST = BLOCK + """
import os
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
kept, last = [], None
while not last and len(kept) < 100:
    above = libc.mmap(None, 1 << 20, 3, 34, -1, 0)
    block = libc.malloc(600_000)
    if block - 16 + takes(block) == above:
        last = ctypes.c_void_p(block)
        libc.mprotect(above, 1 << 20, 0)
    kept.append(above)
small = ctypes.c_void_p(libc.malloc(1000))
print(json.dumps({"last": takes(last.value), "small": takes(small.value)}))
sys.stdout.flush()
os._exit(0)
"""


@interpreters()
def test_a_block_is_not_read_past_its_end(box):
    run = box.script(LAST).succeeds()
    said = json.loads(run.out)
    sizes = [t["bytes"] for t in box.report(run)["heap"]["types"] if t["type"] == "memory of ctypes.c_void_p"]
    equal(sizes, [said["last"] + said["small"]], "native bytes of the two objects")


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_with_sampling_nobody_owns_native_memory(box):
    run = box.script("import threading\nkept = [threading.Lock() for _ in range(1000)]\n", options=("--sample", "64K")).succeeds()
    equal(box.report(run)["heap"]["bytes_native"], 0, "native bytes, the runtime's own blocks not being known")
