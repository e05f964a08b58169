# SPDX-License-Identifier: MIT
"""Native memory: what C code has from malloc, by its line and the Python stack, each block once."""

import os
import re

from harness import SAMPLES, equal, expect, interpreters
from test_cycles import compile_extension
from test_fleet import one
from test_values import section

SOURCE = os.path.join(SAMPLES, "extension", "forgetful.c")
PROGRAM = os.path.join(SAMPLES, "extension", "buffers.py")
ALL = ("--native", "--native-sample", "1")


def line_of(path, text):
    with open(path) as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


def forgetful(box, *arguments, options=ALL):
    """A run of the sample, and what its report says of the line that leaks."""
    compile_extension(box, SOURCE, "forgetful")
    run = box.record(PROGRAM, *arguments, options=options, env={"PYTHONPATH": box.folder}).succeeds()
    native = section(box, run, "native", "native")
    place = os.path.basename(SOURCE), line_of(SOURCE, "the leak is made here")
    found = [site for site in native["sites"] if (os.path.basename(site["file"]), site["line"]) == place]
    expect(found, lambda: "no stack begins at %s:%d\n%s" % (*place, native["sites"][:3]))
    return run, native, found


@interpreters()
def test_buffers_that_an_extension_forgets_are_found_at_its_line(box):
    run, native, found = forgetful(box, "20000", "3000")
    equal(sum(site["count"] for site in found), 20000, "buffers allocated at the line")
    equal(sum(site["alive"] for site in found), 20, "buffers forgotten")
    equal(sum(site["alive_bytes"] for site in found), 20 * 3000, "their bytes")
    wanted = [(os.path.basename(PROGRAM), line_of(PROGRAM, "forgetful.use")), (os.path.basename(PROGRAM), line_of(PROGRAM, "    serve()"))]
    for site in found:
        equal([frame["function"] for frame in site["native_stack"][:2]], ["take", "use"], "native frames")
        expect(not any("EvalFrame" in frame["function"] for frame in site["native_stack"]), lambda: "%s" % site["native_stack"])
        equal([(os.path.basename(f["file"]), f["line"]) for f in site["stack"]][:2], wanted, "Python frames")
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("forgetful.c:%d" % line_of(SOURCE, "the leak is made here") in text and "~" not in text, text)


DETACHED = """
import ctypes, mmap, threading
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def take(size):
    return libc.malloc(size)
def deep(levels):
    return deep(levels - 1) if levels else take(70001)
def each():
    yield take(70002)
def apart():
    take(70003)
take(70000)
deep(30)
list(each())
thread = threading.Thread(target=apart)
thread.start()
thread.join()
mapping = mmap.mmap(-1, 1 << 20)
"""


def stacks_without_the_lock(box, *options):
    run = box.script(DETACHED, options=(*ALL, *options)).succeeds()
    found = {site["bytes"]: [(frame["line"], frame["function"].rpartition(".")[2]) for frame in site["stack"]] for site in section(box, run, "native", "native")["sites"]}
    equal(found.get(70000), [(6, "take"), (13, "<module>")], "a call from the module")
    equal(found.get(70001), [(6, "take"), (8, "deep"), (8, "deep"), (14, "<module>")], "a call from a recursion, which is folded")
    equal(found.get(70002), [(6, "take"), (10, "each"), (15, "<module>")], "a call from a generator")
    equal(found.get(70003, [])[:2], [(6, "take"), (12, "apart")], "a call from a thread")
    equal(found.get(1 << 20), [(19, "<module>")], "a mapping")


@interpreters()
def test_what_is_asked_for_without_the_lock_has_its_python_stack(box):
    stacks_without_the_lock(box)


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_so_it_has_with_a_sample_of_objects(box):
    stacks_without_the_lock(box, "--sample", "64K")


# A thread that lets go of its state for good, and another one that deletes the state: its memory is unmapped then.
DELETED = r"""
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
struct allocator { void *context, *(*malloc)(void *, size_t), *(*calloc)(void *, size_t, size_t), *(*realloc)(void *, void *, size_t); void (*free)(void *, void *); };
extern void PyMem_GetAllocator(int, struct allocator *), PyMem_SetAllocator(int, struct allocator *);
extern void *PyInterpreterState_Main(void), *PyThreadState_New(void *);
extern void PyEval_AcquireThread(void *), PyEval_ReleaseThread(void *), PyThreadState_Clear(void *), PyThreadState_Delete(void *);
#define SIZE (1 << 20)
static struct allocator before;
static void *state, *mapped[1000];
static unsigned count;
static _Atomic int step;
static void *map(void *context, size_t size)
{
    (void)context;
    void *block = mmap(NULL, size < SIZE ? SIZE : size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED || count == 1000 ? NULL : (mapped[count++] = block);
}
static void *map_many(void *context, size_t number, size_t size) { return map(context, number * size); }
static void *resize(void *context, void *block, size_t size)
{
    (void)context; /* of none that was mapped: a thread's state is not resized */
    return before.realloc(before.context, block, size);
}
static void unmap(void *context, void *block)
{
    for (unsigned i = 0; i < count; i++)
        if (block && mapped[i] == block) {
            munmap(block, SIZE);
            return;
        }
    before.free(context, block);
}
static void *lets_go(void *interpreter)
{
    state = PyThreadState_New(interpreter);
    PyEval_AcquireThread(state);
    PyEval_ReleaseThread(state);
    for (step = 1; step != 2;)
        ;
    for (int i = 0; i < 1000; i++) {
        void *volatile block = malloc(5000);
        free(block);
    }
    step = 3;
    return NULL;
}
void begin(void)
{
    struct allocator maps = {NULL, map, map_many, resize, unmap};
    pthread_t thread;
    PyMem_GetAllocator(0, &before);
    PyMem_SetAllocator(0, &maps);
    pthread_create(&thread, NULL, lets_go, PyInterpreterState_Main());
}
void wait_for(int number) { while (step != number) ; }
void delete(void)
{
    PyThreadState_Clear(state);
    PyThreadState_Delete(state);
    PyMem_SetAllocator(0, &before);
    step = 2;
}
"""


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)) and not python.lockless)
def test_the_state_of_a_thread_that_does_not_come_back_is_not_read(box):
    box.need("cc")
    box.command(["cc", "-g", "-O1", "-shared", "-fPIC", "-pthread", box.write("deleted.c", DELETED), "-o", box.path("deleted.so")]).succeeds()
    run = box.script("""
import ctypes
held, free = ctypes.PyDLL(%r), ctypes.CDLL(%r)
held.begin()
free.wait_for(1)
held.delete()
free.wait_for(3)
print("as it would have been")
""" % ((box.path("deleted.so"),) * 2), options=ALL).succeeds()
    equal(run.out, "as it would have been\n", "what the program says")
    sites = [site for site in section(box, run, "native", "native")["sites"] if site["bytes"] == 5000 * 1000]
    equal([(site["count"], site["stack"]) for site in sites], [(1000, [])], "blocks of the thread, and their Python stack")


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13)))
def test_threads_in_c_code_may_ask_for_memory_while_the_interpreter_ends(box):
    box.need("cc")
    source = box.write("busy.c", "#include <stdlib.h>\nvoid churn(void) { for (;;) { void *volatile block = malloc(100); free(block); } }\n")
    box.command(["cc", "-g", "-O1", "-shared", "-fPIC", source, "-o", box.path("busy.so")]).succeeds()
    program = box.write("busy.py", """
import ctypes, sys, threading
library = ctypes.CDLL(sys.argv[1])
def work(ready):
    ready.set()
    library.churn()
for number in range(3):
    ready = threading.Event()
    threading.Thread(target=work, args=(ready,), daemon=True).start()
    ready.wait()
""")
    for _ in range(2):
        run = box.record(program, box.path("busy.so"), options=ALL).succeeds()
        equal((run.out, "fault" in run.err), ("", False), "what the program says")


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_a_library_that_is_loaded_by_a_relative_path_has_its_lines(box):
    box.need("cc")
    source = box.write("near.c", "#include <stdlib.h>\nvoid near(void) { char *volatile lost = malloc(70000); *lost = 1; }\n")
    box.command(["cc", "-g", "-shared", "-fPIC", source, "-o", box.path("near.so")]).succeeds()
    run = box.record(box.write("near.py", "import ctypes\nctypes.CDLL('./near.so').near()\n"), options=ALL, cwd=box.folder).succeeds()
    native = section(box, run, "native", "native")
    found = [(os.path.basename(site["file"]), site["line"], site["function"]) for site in native["sites"] if site["bytes"] == 70000]
    equal(found, [("near.c", 2, "near")], "where the block is from")


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_a_sample_gives_unbiased_estimates(box):
    options = ("--native", "--native-sample", "16K", "--seed", "7")
    run, native, found = forgetful(box, "100000", "4000", options=options)
    count, bytes_ = sum(site["count"] for site in found), sum(site["bytes"] for site in found)
    # About 21,700 samples: the standard deviation is 0.6 hundredths.
    expect(abs(count / 100000 - 1) < 0.05 and abs(bytes_ / 4e8 - 1) < 0.05, lambda: "estimates: %s, %s" % (count, bytes_))
    alive = sum(site["alive"] for site in found)
    expect(30 < alive < 250, lambda: "of 100 about 22 are samples that stand for 4.6 each: %s" % alive)
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect(re.search(r"~[0-9.]+ .iB alive", text) and "estimates" in text, text)


@interpreters()
def test_blocks_of_the_runtime_are_not_counted_twice(box):
    run = box.script("kept = [bytes(2000) for i in range(20000)]\n", options=ALL).succeeds()
    native = section(box, run, "native", "native")
    counted = sum(site["bytes"] for site in native["sites"])
    expect(counted < 8e6, lambda: "%d bytes of native blocks, 40 MB are Python's\n%s" % (counted, native["sites"][:2]))


@interpreters()
def test_with_a_sample_of_objects_native_memory_is_exact_all_the_same(box):
    options = (*ALL, "--sample", "64K", "--seed", "3")
    run, native, found = forgetful(box, "3000", "3000", options=options)
    equal((sum(site["count"] for site in found), sum(site["alive"] for site in found)), (3000, 3), "buffers allocated and forgotten")
    for site in found:
        equal([os.path.basename(frame["file"]) for frame in site["stack"]][:2], [os.path.basename(PROGRAM)] * 2, "Python frames")
    run = box.script("kept = [bytes(2000) for i in range(20000)]\n", options=options).succeeds()
    counted = sum(site["bytes"] for site in section(box, run, "native", "native")["sites"])
    expect(counted < 8e6, lambda: "%d bytes of native blocks, 40 MB are Python's" % counted)


OUTER = r"""
#include <dlfcn.h>
char *outer(unsigned long size)
{
    void *inner = dlopen("libinner-of-outer.so", RTLD_NOW);
    char *(*take)(unsigned long) = inner ? (char *(*)(unsigned long))dlsym(inner, "take") : 0;
    return take ? take(size) : 0;
}
"""
INNER = "#include <stdlib.h>\nchar *take(unsigned long size) { char *p = malloc(size); return p; }\n"


@interpreters(one)
def test_a_library_finds_others_beside_itself(box):
    box.need("cc")
    os.makedirs(box.path("lib"))
    compiled = ["cc", "-g", "-O1", "-fno-optimize-sibling-calls", "-shared", "-fPIC"]
    box.command([*compiled, box.write("inner.c", INNER), "-o", box.path("lib/libinner-of-outer.so")]).succeeds()
    box.command([*compiled, box.write("outer.c", OUTER), "-o", box.path("lib/libouter.so"), "-Wl,-rpath,$ORIGIN"]).succeeds()
    script = "import ctypes\nouter = ctypes.PyDLL(%r).outer\nouter.restype = ctypes.c_void_p\nprint(sum(outer(5000) is not None for i in range(40)))\n"
    run = box.script(script % box.path("lib/libouter.so"), options=ALL).succeeds()
    equal(run.out, "40\n", "blocks of the library beside the first")
    (found,) = [site for site in section(box, run, "native", "native")["sites"] if site["function"] == "take"]
    equal([frame["function"] for frame in found["native_stack"][:2]], ["take", "outer"], "native frames")
    equal((found["alive"], found["alive_bytes"]), (40, 200000), "blocks")


TURNS = r"""
#include <alloca.h>
#include <stdlib.h>
#define APART __attribute__((noinline, noclone))
static void *volatile kept;
static volatile int zero;
APART static void take(int size) { kept = malloc((size_t)size); zero = 0; }
APART static void one(int size) { take(size); zero = 0; }
APART static void other(int size) { take(size); zero = 0; }
APART static void room(int size, int more) { char *volatile text = alloca((size_t)more); text[0] = 0; take(size); zero = 0; }
APART static void deep(int size, int levels) { if (levels) deep(size, levels - 1); else take(size); zero = 0; }
APART static void left(int size) { other(size); zero = 0; }
APART static void right(int size) { other(size); zero = 0; }
int turns(int rounds)
{
    for (int i = 0; i < rounds; i++) {
        one(1000);
        left(1000);
        right(1000);
        room(1000, 16 + i % 5 * 48);
        deep(1000, i % 8);
    }
    return rounds;
}
"""


@interpreters(one)
def test_callers_that_take_turns_are_told_apart(box):
    box.need("cc")
    box.command(["cc", "-g", "-O1", "-fno-optimize-sibling-calls", "-shared", "-fPIC", box.write("turns.c", TURNS), "-o", box.path("turns.so")]).succeeds()
    run = box.script("import ctypes\nprint(ctypes.PyDLL(%r).turns(4000))\n" % box.path("turns.so"), options=ALL).succeeds()
    callers = {}
    for site in section(box, run, "native", "native", "--top", "0")["sites"]:
        frames = [frame["function"] for frame in site["native_stack"]]
        if frames[0] == "take":
            caller = " ".join(frames[1 : frames.index("turns")])
            callers[caller] = callers.get(caller, 0) + site["count"]
    wanted = {"one": 4000, "other left": 4000, "other right": 4000, "room": 4000}
    equal(callers, {**wanted, **{" ".join(["deep"] * (n + 1)): 500 for n in range(8)}}, "blocks by caller")


THREADS = """
import os, sys, threading, zlib
def work():
    for i in range(300):
        zlib.decompress(zlib.compress(bytes(20000)))
threads = [threading.Thread(target=work) for _ in range(4)]
threading.stack_size(64 << 10)
threads.append(threading.Thread(target=work))
for t in threads: t.start()
for t in threads: t.join()
pid = os.fork()
if not pid:
    work()
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if hasattr(os, "waitstatus_to_exitcode") else os.waitpid(pid, 0)[1] >> 8)
sys.exit(5)
"""


@interpreters()
def test_threads_and_forked_children_go_on_as_without_us(box):
    alone = box.program(box.write("alone.py", THREADS))
    run = box.script(THREADS, options=("--native", "--native-sample", "1"))
    equal((run.code, run.out), (alone.code, alone.out), "exit code and output: %s" % run)
    box.command([box.ouro, "info", run.folder]).succeeds()
    box.command([box.ouro, "native", run.folder]).succeeds()
    equal(len(run.traces), 2, "traces: the program and its child")


THROWER = r"""
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <stdlib.h>
#include <string>
extern "C" int throws(int n)
{
    int caught = 0;
    for (int i = 0; i < n; i++)
        try {
            throw std::runtime_error(std::string(200, 'y'));
        } catch (const std::exception &e) {
            caught += std::string(e.what()).size() == 200;
        }
    return caught;
}
static void *allocate(void *)
{
    long n = 0;
    for (int i = 0; i < 2000; i++) {
        void *p = malloc(100 + i);
        n += p != 0;
        free(p);
    }
    return (void *)n;
}
extern "C" int small_stack(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *result;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 16384);
    if (pthread_create(&thread, &attributes, allocate, 0))
        return -1;
    pthread_join(thread, &result);
    return (int)(long)result;
}
static volatile int handled;
static void handle(int) { handled = (long)allocate(0); }
extern "C" int other_stack(void)
{
    static char stack[16384];
    stack_t alternate = {};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    sigaltstack(&alternate, 0);
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR2, &action, 0);
    raise(SIGUSR2);
    return handled;
}
"""


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 14)))
def test_exceptions_of_later_libraries_and_small_stacks_survive(box):
    box.need("c++")
    box.command(["c++", "-g", "-O1", "-shared", "-fPIC", "-pthread", box.write("thrower.cc", THROWER), "-o", box.path("thrower.so")]).succeeds()
    program = "import ctypes\nl = ctypes.CDLL(%r)\nprint(l.throws(1000), l.small_stack(), l.other_stack())\n" % box.path("thrower.so")
    run = box.script(program, options=ALL)
    equal((run.code, run.out), (0, "1000 2000 2000\n"), "what was caught and allocated: %s" % run)
    native = section(box, run, "native", "native")
    expect(any(frame["function"] == "throws" for site in native["sites"] for frame in site["native_stack"]),
           lambda: "no stack through throws()\n%s" % native["sites"][:3])


SHELF = r"""
#include <stddef.h>
static char *volatile kept;
namespace shelf {
__attribute__((always_inline)) inline char *cut(size_t size) { return new char[size]; } // cuts
template <class T> struct Box {
    __attribute__((always_inline)) static void fill(T count)
    {
        for (T i = 0; i < count; i++)
            kept = cut(sizeof(T) * 1000); // fills
    }
};
__attribute__((noinline)) int pack(int count) { Box<short>::fill((short)count); return count; } // packs
}
extern "C" int run(int count) { return shelf::pack(count) + 1; }
"""


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 13)))
def test_functions_of_cplusplus_have_their_names_and_inlined_ones_are_frames(box):
    box.need("c++")
    source = box.write("shelf.cc", SHELF)
    box.command(["c++", "-g", "-O2", "-shared", "-fPIC", source, "-o", box.path("shelf.so")]).succeeds()
    run = box.script("import ctypes\nprint(ctypes.PyDLL(%r).run(300))\n" % box.path("shelf.so"), options=ALL).succeeds()
    native = section(box, run, "native", "native")
    found = [site for site in native["sites"] if site["file"] == source]
    equal([(site["function"], site["line"]) for site in found], [("shelf::cut(unsigned long)", line_of(source, "// cuts"))], "where it is allocated")
    frames = [(frame["function"], frame["line"], frame["inlined"]) for frame in found[0]["native_stack"] if frame["file"] == source]
    equal(
        frames[:3],
        [
            ("shelf::cut(unsigned long)", line_of(source, "// cuts"), True),
            ("shelf::Box<short>::fill(short)", line_of(source, "// fills"), True),
            ("shelf::pack(int)", line_of(source, "// packs"), False),
        ],
        "frames of the extension",
    )
    equal((found[0]["count"], found[0]["alive_bytes"]), (300, 300 * 2000), "blocks and bytes")
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("shelf::Box<short>::fill(short) (inlined)" in " ".join(text.split()), text)


KEEPER = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
int mallctl(const char *, void *, size_t *, void *, size_t);
int main(void)
{
    uint64_t before, after;
    size_t size = sizeof before;
    mallctl("thread.allocated", &before, &size, 0, 0);
    volatile char *block = malloc(1 << 20);
    block[0] = 1;
    mallctl("thread.allocated", &after, &size, 0, 0);
    puts(after - before >= 1 << 20 ? "kept" : "lost");
    return 0;
}
"""


def test_a_program_linked_with_jemalloc_keeps_it(box):
    box.need("cc")
    if box.command(["cc", box.write("keeper.c", KEEPER), "-l:libjemalloc.so.2", "-o", box.path("keeper")]).code:
        box.skip("libjemalloc.so.2 is not installed")
    run = box.record(command=[box.path("keeper")], options=ALL)
    equal((run.code, run.out), (0, "kept\n"), "whose malloc it is: %s" % run)


def test_a_run_without_native_memory_says_so(box):
    box.python = type("python", (), {"path": "/usr/bin/python3"})
    if not os.path.exists(box.python.path):
        box.skip("there is no /usr/bin/python3")
    run = box.script("pass\n")
    if not run.traces:
        box.skip("that interpreter is not one of those that can be profiled")
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("not recorded" in text, text)
