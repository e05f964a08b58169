# SPDX-License-Identifier: MIT
"""Native leaks: blocks of malloc that nothing in the process leads to, and no others."""

import os
import re

from harness import SAMPLES, cases, equal, expect, interpreters
from test_cycles import compile_extension
from test_native import ALL, line_of
from test_values import section

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "leaks.c")
FORGETFUL = os.path.join(SAMPLES, "extension", "forgetful.c")
BUFFERS = os.path.join(SAMPLES, "extension", "buffers.py")
LOAD = "import ctypes, sys\nctypes.CDLL(sys.argv[1]).leak_all()\n"


def library(box, source=SOURCE, *options):
    box.need("cc")
    name = os.path.splitext(os.path.basename(source))[0]
    box.command(["cc", "-g", "-O0", "-shared", "-fPIC", "-pthread", *options, source, "-o", box.path(name + ".so")]).succeeds()
    return box.path(name + ".so")


def leaks(box, run):
    native = section(box, run, "native", "native")
    equal(native["unreached"]["status"], "known", "the search for leaks")
    return native


def none_for_certain(box, run, what):
    """With threads in C, a block may be in a register of theirs: then nothing is claimed of it."""
    native = leaks(box, run)
    expect(native["unreached"]["searched"] > 20, lambda: "blocks of malloc: %s" % native["unreached"])
    certain = [leak for leak in native["leaks"] if not leak["possible"]]
    equal(certain, [], what)
    return native


@interpreters()
def test_one_in_a_thousand_buffers_is_a_leak_at_the_line_that_made_it(box):
    compile_extension(box, FORGETFUL, "forgetful")
    run = box.record(BUFFERS, "40000", options=ALL, env={"PYTHONPATH": box.folder}).succeeds()
    native = leaks(box, run)
    place = os.path.basename(FORGETFUL), line_of(FORGETFUL, "the leak is made here")
    found = [leak for leak in native["leaks"] if (os.path.basename(leak["file"]), leak["line"]) == place]
    equal(found, native["leaks"], "leaks, all of them at one line")
    # A word that was left somewhere may be an address within one of them, or lie in another one.
    count = sum(leak["count"] + leak["below_blocks"] for leak in found)
    expect(30 <= count <= 40, lambda: "%d of 40 buffers" % count)
    equal(sum(leak["bytes"] + leak["below_bytes"] for leak in found), count * 4016, "what malloc takes for them")
    equal(native["unreached"]["count"], count, "all that nothing leads to")
    for leak in found:
        equal([frame["function"] for frame in leak["native_stack"][:2]], ["take", "use"], "native frames")
        equal([os.path.basename(frame["file"]) for frame in leak["stack"]][:2], [os.path.basename(BUFFERS)] * 2, "Python frames")
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("in %d blocks of malloc that nothing leads to" % count in text, text)
    expect("native leaks:" in run.err and "forgetful.c:%d take" % place[1] in text.split("MEMORY BY STACK")[0], text)


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13)))
def test_without_native_stacks_leaks_are_told_by_size(box):
    compile_extension(box, FORGETFUL, "forgetful")
    run = box.record(BUFFERS, "40000", env={"PYTHONPATH": box.folder}).succeeds()
    native = leaks(box, run)
    equal([(leak["file"], leak["bytes"] // leak["count"]) for leak in native["leaks"]], [("", 4016)], "leaks: %s" % native["leaks"])
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("of 4,016 bytes" in text and "--native-sample 1" in text, text)


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_of_a_sample_stacks_are_estimates_but_the_sum_is_exact(box):
    compile_extension(box, FORGETFUL, "forgetful")
    options = ("--native", "--native-sample", "16K", "--seed", "7")
    run = box.record(BUFFERS, "100000", options=options, env={"PYTHONPATH": box.folder}).succeeds()
    native = leaks(box, run)
    expect(90 <= native["unreached"]["count"] <= 100, lambda: "buffers that nothing leads to: %s" % native["unreached"])
    estimate = sum(leak["count"] for leak in native["leaks"])
    expect(30 < estimate < 250, lambda: "of 100 about 22 are samples that stand for 4.6 each: %s" % estimate)
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("estimates from the sample" in text and re.search(r"#1 +~[0-9.]+ .iB in ~\d+ blocks", text), text)


def sanitizer(box):
    """What LeakSanitizer says of the same code as a program: line of leaks.c → blocks."""
    box.need("gcc")
    built = box.command(["gcc", "-g", "-O0", "-fsanitize=leak", "-pthread", "-DPROGRAM", SOURCE, "-o", box.path("program")])
    if built.code:
        box.skip("gcc cannot link with LeakSanitizer")
    said = box.command([box.path("program")])
    if "LeakSanitizer: detected memory leaks" not in said.err:
        box.skip("LeakSanitizer does not work here: it must be allowed to trace a process")
    found = {}
    for count, line in re.findall(r" in (\d+) object\(s\) allocated from:\n +#0[^\n]*\n +#1[^\n]*leaks\.c:(\d+)", said.err):
        found[int(line)] = found.get(int(line), 0) + int(count)
    return found


@interpreters()
def test_leaksanitizer_names_the_same_lines(box):
    wanted = sanitizer(box)
    marks = ("leaked: single", "leaked: head", "below: first", "below: inside", "leaked: ring", "below: data", "leaked: itself")
    single, head, first, inside, ring, data, itself = (line_of(SOURCE, mark) for mark in marks)
    equal(wanted, {single: 7, head: 5, first: 5, inside: 5, ring: 12, data: 12, itself: 2}, "blocks that LeakSanitizer says are leaked")
    run = box.record(box.write("load.py", LOAD), library(box), options=ALL).succeeds()
    native = leaks(box, run)
    found = {}
    for leak in native["leaks"]:
        expect(os.path.basename(leak["file"]) == "leaks.c", lambda: "a leak of none of the program: %s" % leak)
        found.setdefault(leak["line"], []).append(leak)
    equal(sorted(found), sorted((single, head, ring, itself)), "lines of what was leaked first")
    blocks = {line: sum(leak["blocks"] for leak in of) for line, of in found.items()}
    below = {line: sum(leak["below_blocks"] for leak in of) for line, of in found.items()}
    equal(blocks, {line: wanted[line] for line in blocks}, "blocks leaked first, by line")
    equal(below, {single: 0, head: wanted[first] + wanted[inside], ring: wanted[data], itself: 0}, "blocks below, by line of what leads to them")
    equal(native["unreached"]["count"], sum(wanted.values()), "all that nothing leads to")
    equal([(leak["cycle"], leak["count"]) for leak in found[ring]], [(4, 3)], "three rings of four, to the sanitizer only indirectly leaked")
    equal([leak["line"] for leak in native["leaks"] if leak["cycle"]], [ring], "cycles elsewhere")
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("in 3 cycles of 4 blocks, and" in text, text)


HELD = """
import ctypes, mmap, os, struct, sys
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
numbers = [libc.malloc(150000) for _ in range(40)]
packed = [struct.pack("P", libc.malloc(150000)) for _ in range(40)]
joined = b"".join(struct.pack("P", libc.malloc(150000)) for _ in range(40))
inside = [libc.malloc(150000) + 70000 for _ in range(40)]
array = (ctypes.c_void_p * 40)(*(libc.malloc(150000) for _ in range(40)))
shared = mmap.mmap(-1, 8192)
private = mmap.mmap(-1, 8192, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
zeros = mmap.mmap(os.open("/dev/zero", os.O_RDWR), 8192, flags=mmap.MAP_PRIVATE)
for i in range(40):
    struct.pack_into("P", shared, 4096 + 8 * i, libc.malloc(150000))
    struct.pack_into("P", private, 4096 + 8 * i, libc.malloc(150000))
    struct.pack_into("P", zeros, 4096 + 8 * i, libc.malloc(150000))
dropped = [libc.malloc(150000) for _ in range(40)]
if sys.argv[1] == "drop":
    dropped = None
    junk = [i << 40 for i in range(1000)]
"""


@interpreters()
def test_whatever_has_an_address_holds_the_block(box):
    program = box.write("held.py", HELD)
    none_for_certain(box, box.record(program, "keep").succeeds(), "leaks of a program that has all addresses")
    native = leaks(box, box.record(program, "drop").succeeds())
    expect(25 <= native["unreached"]["count"] <= 40, lambda: "blocks whose 40 addresses were dropped: %s" % native["unreached"])


# A mapping that begins as a further heap of an arena does, but the arena is nowhere.
LIKE_A_HEAP = """
import ctypes, mmap, struct
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
heap = 64 << 20
mapped = mmap.mmap(-1, 2 * heap, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
start = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
struct.pack_into("4Q", mapped, -start % heap, 1 << 45, heap, 4096, 8192)
def leak():
    for _ in range(40):
        libc.malloc(150001)
leak()
"""


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13)))
def test_memory_that_looks_like_a_heap_hides_no_leak(box):
    native = leaks(box, box.script(LIKE_A_HEAP).succeeds())
    expect(25 <= native["unreached"]["count"] <= 40, lambda: "of 40 blocks: %s" % native["unreached"])


CLEAN = {
    "nothing": "pass\n",
    "modules": """
import asyncio, bz2, csv, ctypes, decimal, hashlib, json, lzma, pickle, socket, sqlite3, ssl, subprocess, uuid, zlib
import xml.etree.ElementTree as tree
base = sqlite3.connect(":memory:")
base.execute("create table t(a, b)")
base.executemany("insert into t values (?, ?)", [(i, str(i)) for i in range(5000)])
context = ssl.create_default_context()
data = json.loads(json.dumps([{"a": i} for i in range(5000)]))
socket.getaddrinfo("localhost", 80)
document = tree.fromstring("<a>" + "<b>text</b>" * 1000 + "</a>")
packers = zlib.compressobj(), bz2.BZ2Compressor(), lzma.LZMACompressor()
async def work(): await asyncio.sleep(0)
asyncio.run(work())
""",
    "threads": """
import os, select, socket, threading, time
receive, send = os.pipe()
left, right = socket.socketpair()
started = threading.Barrier(6)
def waits(how):
    started.wait()
    how()
for how in (lambda: time.sleep(1000), lambda: os.read(receive, 300000), lambda: left.recv(300000),
            threading.Event().wait, lambda: select.select([receive], [], [], 1000)):
    threading.Thread(target=waits, args=(how,), daemon=True).start()
started.wait()
""",
    "numpy": """
import sys
try:
    import numpy
except ImportError:
    sys.exit(77)
arrays = [numpy.random.rand(100, 100) for _ in range(20)]
product = numpy.linalg.inv(arrays[0]) @ arrays[1]
backwards = arrays[2][::-1]
text = numpy.array(["a", "bc"])
""",
}


@interpreters()
@cases(CLEAN)
def test_nothing_is_called_leaked_in_a_clean_program(box, name):
    run = box.script(CLEAN[name])
    if run.code == 77:
        box.skip("this interpreter has no numpy")
    none_for_certain(box, run.succeeds(), "leaks of a clean program")


# In C: buffers whose only address is in a frame, in a variable of the thread, in a register.
THREADS = """
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int ends[2], ready[2];
static __thread void *of_thread;
static void *frame(void *unused)
{
    char *volatile buffer = malloc(200000);
    of_thread = malloc(200001);
    if (write(ready[1], "x", 1) != 1 || read(ends[0], buffer, 1) < 0)
        abort();
    return unused;
}
static void *called(void *unused)
{
    char *buffer = malloc(200002);
    if (write(ready[1], "x", 1) != 1 || read(ends[0], buffer + 100000, 1) < 0)
        abort();
    free(buffer);
    return unused;
}
void start(void)
{
    pthread_t thread;
    char byte;
    if (pipe(ends) || pipe(ready))
        abort();
    for (int i = 0; i < 6; i++)
        if (pthread_create(&thread, NULL, i % 2 ? frame : called, NULL) || read(ready[0], &byte, 1) != 1)
            abort();
}
"""


@interpreters()
def test_what_only_a_thread_has_is_not_leaked(box):
    box.write("threads.c", THREADS)
    source = library(box, box.path("threads.c"), "-O2")
    run = box.script("import ctypes\nctypes.CDLL(%r).start()\n" % source).succeeds()
    native = none_for_certain(box, run, "buffers of threads")
    equal(native["unreached"]["threads"], 6, "other threads")
    expect(native["unreached"]["count"] <= 3, lambda: "only the arguments of calls may be missed: %s" % native["unreached"])


SAMPLE = ("--sample", "64K")
# Lost in C, but Python's: a snapshot tells of them as objects that nothing is known to hold.
LOST = """
import ctypes
for i in range(40):
    lost = bytes(3000 + i)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(lost))
del lost
"""


def has_pools(python):
    return python.supported and not python.lockless


@interpreters(lambda python: has_pools(python) and python.minor in ((3, 8), (3, 10), (3, 11), (3, 13), (3, 15)))
@cases({name: CLEAN[name] for name in ("modules", "threads")})
def test_with_a_sample_of_objects_nothing_else_is_called_leaked(box, name):
    none_for_certain(box, box.script(CLEAN[name], options=SAMPLE).succeeds(), "leaks of a clean program")


@interpreters(lambda python: has_pools(python) and python.minor in ((3, 9), (3, 11), (3, 12), (3, 14)))
def test_with_a_sample_of_objects_leaks_are_found_where_nothing_has_the_address(box):
    compile_extension(box, FORGETFUL, "forgetful")
    run = box.record(BUFFERS, "40000", options=(*ALL, *SAMPLE), env={"PYTHONPATH": box.folder}).succeeds()
    native = leaks(box, run)
    lines = {(os.path.basename(leak["file"]), leak["line"]) for leak in native["leaks"]}
    equal(lines, {(os.path.basename(FORGETFUL), line_of(FORGETFUL, "the leak is made here"))}, "lines of all leaks")
    count = sum(leak["count"] + leak["below_blocks"] for leak in native["leaks"])
    expect(30 <= count <= 40, lambda: "%d of 40 buffers" % count)
    program = box.write("held.py", HELD)
    none_for_certain(box, box.record(program, "keep", options=SAMPLE).succeeds(), "leaks of a program that has all addresses")
    none_for_certain(box, box.script(LOST, options=SAMPLE).succeeds(), "native leaks where objects of Python are lost")


@interpreters(lambda python: python.supported and python.lockless)
def test_with_a_sample_and_without_pools_leaks_are_not_looked_for(box):
    run = box.script("pass\n", options=SAMPLE).succeeds()
    native = section(box, run, "native", "native")
    equal((native["unreached"]["status"], native["leaks"]), ("not looked for", []), "leaks where the runtime's blocks are not known")
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("not looked for: with --sample" in text, text)


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13)) and not python.lockless)
def test_blocks_of_the_runtime_that_it_checks_itself_are_not_searched(box):
    run = box.script("kept = [bytes(2000) for i in range(5000)]\n", env={"PYTHONMALLOC": "debug"}).succeeds()
    unreached = leaks(box, run)["unreached"]
    expect(unreached["searched_bytes"] < 5e6, lambda: "10 MB of blocks are Python's: %s" % unreached)
