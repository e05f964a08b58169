# SPDX-License-Identifier: MIT
"""Native memory that is mapped: parts that go, mappings that grow and move, each byte once."""

import os

from harness import equal, expect, interpreters
from test_fleet import one
from test_native import ALL
from test_values import section

MAPPER = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define APART __attribute__((noinline, noclone))
#define PAGE 4096ul
static volatile int zero;
static char *raw(void *at, unsigned long pages, int protection, int flags, int file)
{
    return mmap(at, pages * PAGE, protection, flags, file, 0);
}
static char *room(unsigned long pages) { return raw(0, pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1); }
#define MAPS(name) APART static char *name(void *at, unsigned long pages, int flags) \
    { char *p = mmap(at, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0); zero = 0; return p; }
MAPS(whole) MAPS(gone) MAPS(head) MAPS(tail) MAPS(middle) MAPS(twice) MAPS(left) MAPS(right) MAPS(under) MAPS(over)
MAPS(small) MAPS(shrunk) MAPS(moved) MAPS(dropped) MAPS(unmoved) MAPS(emptied)
APART static char *uneven(void) { char *p = mmap64(0, 3 * PAGE + 1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0); zero = 0; return p; }
APART static char *file(int f) { char *p = mmap(0, 5 * PAGE, PROT_READ, MAP_SHARED, f, 0); zero = 0; return p; }
APART static char *grow(char *p, unsigned long from, unsigned long to) { p = mremap(p, from * PAGE, to * PAGE, MREMAP_MAYMOVE); zero = 0; return p; }
APART static char *move(char *p, unsigned long pages, char *to) { p = mremap(p, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to); zero = 0; return p; }
APART static char *split(char *p, unsigned long pages) { p = mremap(p, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, (char *)0); zero = 0; return p; }
APART static int fails(void)
{
    errno = 0;
    int bad = mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED, first = errno;
    bad += mmap(0, PAGE, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED;
    int second = errno;
    bad += munmap((void *)(PAGE + 1), PAGE) != 0;
    int third = errno;
    bad += mremap((void *)(PAGE * 16), PAGE, 2 * PAGE, 0) == MAP_FAILED;
    printf("%d %d %d %d %d ", bad, first == EINVAL, second == EBADF, third == EINVAL, errno == EFAULT);
    return 0;
}
int run(int f)
{
    char *p, *q;
    setvbuf(stdout, 0, _IONBF, 0);
    errno = 77;
    whole(0, 10, 0);
    munmap(gone(0, 10, 0), 10 * PAGE);
    printf("%d ", errno);
    munmap(head(0, 10, 0), 3 * PAGE);
    munmap(tail(0, 10, 0) + 7 * PAGE, 3 * PAGE);
    munmap(middle(0, 10, 0) + 4 * PAGE, PAGE);
    p = twice(0, 10, 0);
    munmap(p + 4 * PAGE, PAGE);
    munmap(p, 4 * PAGE);
    munmap(p + 5 * PAGE, 5 * PAGE);
    p = room(40);
    left(p, 10, MAP_FIXED);
    right(p + 10 * PAGE, 10, MAP_FIXED);
    munmap(p + 8 * PAGE, 5 * PAGE); /* of both */
    p = room(40);
    under(p, 20, MAP_FIXED);
    over(p + 15 * PAGE, 10, MAP_FIXED);
    raw(p, 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
    grow(small(0, 4, 0), 4, 600);
    p = shrunk(0, 9, 0);
    printf("%d ", grow(p, 9, 2) == p);
    p = room(40);
    q = moved(0, 6, 0);
    q[100] = 42;
    dropped(p, 20, MAP_FIXED);
    q = move(q, 6, p + 10 * PAGE);
    printf("%d %d ", q == p + 10 * PAGE, q[100]);
    printf("%d ", mremap(unmoved(0, 3, 0), 3 * PAGE, 1ul << 46, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);
    p = emptied(0, 3, 0);
    split(p, 3);
    uneven();
    file(f);
    return fails();
}
"""
# function: blocks made, bytes made, alive, bytes alive; in pages
WANTED = {
    "whole": (1, 10, 1, 10),
    "gone": (1, 10, 0, 0),
    "head": (1, 10, 1, 7),
    "tail": (1, 10, 1, 7),
    "middle": (1, 10, 1, 9),
    "twice": (1, 10, 0, 0),
    "left": (1, 10, 1, 8),
    "right": (1, 10, 1, 7),
    "under": (1, 20, 1, 13),
    "over": (1, 10, 1, 10),
    "small": (1, 4, 0, 0),
    "grow": (1, 600, 1, 600),
    "shrunk": (1, 9, 1, 2),
    "moved": (2, 12, 1, 6),
    "dropped": (1, 20, 1, 14),
    "unmoved": (1, 3, 1, 3),
    "emptied": (1, 3, 1, 3),
    "split": (1, 3, 1, 3),
    "uneven": (1, 4, 1, 4),
    "file": (1, 5, 1, 5),
}
SCRIPT = """
import ctypes, sys
with open(sys.executable, "rb") as file:
    ctypes.PyDLL(%r).run(file.fileno())
"""


def mapper(box):
    box.need("cc")
    source = box.write("mapper.c", MAPPER)
    box.command(["cc", "-g", "-O1", "-fno-optimize-sibling-calls", "-shared", "-fPIC", source, "-o", box.path("mapper.so")]).succeeds()
    return SCRIPT % box.path("mapper.so")


def by_function(native):
    found = {}
    for site in native["sites"]:
        frames = [frame["function"] for frame in site["native_stack"]]
        if "run" in frames and site["kind"] != "malloc":
            row = found.setdefault(frames[0], [0, 0, 0, 0])
            for i, key in enumerate(("count", "bytes", "alive", "alive_bytes")):
                row[i] += site[key]
    return found


@interpreters()
def test_mappings_are_counted_to_the_byte_and_calls_do_what_they_did(box):
    script = mapper(box)
    alone = box.program(box.write("alone.py", script)).succeeds()
    # Mappings are not sampled, whatever blocks of malloc are.
    for options in (ALL, ("--native", "--native-sample", "1M", "--seed", "5")):
        run = box.script(script, options=options).succeeds()
        equal(run.out, alone.out, "what the calls gave")
        native = section(box, run, "native", "native", "--top", "0")
        wanted = {name: [blocks, pages * 4096, alive, left * 4096] for name, (blocks, pages, alive, left) in WANTED.items()}
        equal(by_function(native), wanted, "mappings by function")
        kinds = {kind["kind"]: kind for kind in native["kinds"]}
        equal(sum(kinds[k]["alive_bytes"] for k in ("malloc", "mapping", "file")), native["alive_bytes"], "the kinds' sum")
        for site in native["sites"]:
            name = site["native_stack"][0]["function"] if site["native_stack"] else ""
            expect(name not in WANTED or (site["kind"] == "file") == (name == "file"), lambda: "%s" % site)


PYTHONS = """
import mmap, os, sys
kept = mmap.mmap(-1, 7 << 20)
other = mmap.mmap(-1, 3 << 20)
other.close()
with open(%r, "wb+") as file:
    file.truncate(1 << 20)
    mapped = mmap.mmap(file.fileno(), 0)
rows = [bytes(100) for i in range(200000)]
os._exit(0)
"""


@interpreters()
def test_mappings_of_python_s_module_are_counted_and_its_arenas_are_not(box):
    run = box.script(PYTHONS % box.path("data"), options=ALL).succeeds()
    native = section(box, run, "native", "native", "--top", "0")
    kinds = {kind["kind"]: kind for kind in native["kinds"]}
    equal((kinds["mapping"]["alive"], kinds["mapping"]["alive_bytes"]), (1, 7 << 20), "memory mapped and alive")
    equal((kinds["mapping"]["count"], kinds["mapping"]["bytes"]), (2, 10 << 20), "memory mapped")
    equal((kinds["file"]["alive"], kinds["file"]["alive_bytes"]), (1, 1 << 20), "files mapped")
    if not box.python.lockless:
        expect(kinds["arena"]["alive_bytes"] > 20 << 20, lambda: "arenas: %s" % kinds["arena"])
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("7.0 MiB alive in 1 mappings" in text and "1.0 MiB alive in 1 mappings of files" in text, text)


FORKED = """
import mmap, os, threading
kept = mmap.mmap(-1, 4 << 20)
def work():
    for i in range(200):
        mmap.mmap(-1, 1 << 16).close()
threads = [threading.Thread(target=work) for i in range(4)]
for t in threads: t.start()
print(os.getpid(), flush=True)
pid = os.fork()
if not pid:
    kept.close()
    more = mmap.mmap(-1, 2 << 20)
    os._exit(0)
for t in threads: t.join()
assert os.waitpid(pid, 0)[1] == 0
os._exit(0)
"""


@interpreters()
def test_a_forked_child_has_its_parent_s_mappings_until_it_unmaps_them(box):
    run = box.script(FORKED, options=ALL).succeeds()
    pids = [int(process["pid"]) for process in box.report(run.folder)["run"]["processes"]]
    alive = []
    parent = int(run.out)
    for pid in [parent, *(pid for pid in pids if pid != parent)]:
        native = section(box, run, "native", "native", "--process", str(pid))
        alive.append(next(kind["alive_bytes"] for kind in native["kinds"] if kind["kind"] == "mapping"))
    # A thread of the parent may be between mmap and munmap when it forks.
    expect(alive[0] == 4 << 20 and 0 <= alive[1] - (2 << 20) <= 4 << 16, lambda: "bytes mapped of parent and child: %s" % alive)


@interpreters(one)
def test_what_another_allocator_maps_is_not_counted_twice(box):
    library = next((path for path in ("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", "/usr/lib/aarch64-linux-gnu/libjemalloc.so.2") if os.path.exists(path)), None)
    if not library:
        box.skip("libjemalloc.so.2 is not installed")
    script = "import ctypes\nl = ctypes.PyDLL(None)\nl.malloc.restype = ctypes.c_void_p\nkept = [l.malloc(ctypes.c_size_t(3 << 20)) for i in range(20)]\nimport os\nos._exit(0)\n"
    run = box.script(script, options=ALL, env={"LD_PRELOAD": library}).succeeds()
    native = section(box, run, "native", "native")
    kinds = {kind["kind"]: kind for kind in native["kinds"]}
    expect(kinds["malloc"]["alive_bytes"] >= 60 << 20, lambda: "%s" % kinds)
    equal(kinds["mapping"]["count"], 0, "mappings besides malloc's blocks")
