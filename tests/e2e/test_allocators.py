# SPDX-License-Identifier: MIT
"""Whatever allocator the program asks for, it gets, and the recording is the same."""

from harness import births, cases, equal, expect, interpreters, made_by_program
from test_processes import marked

PROGRAM = """\
import sys
kept = []
for number in range(2000):
    kept.append(bytes(437))
for _ in range(1000):
    bytes(437)
class Node: pass
import gc
gc.disable()
for _ in range(25):
    node = Node()
    node.me = node
del node
print(len(kept))
"""


def has_pymalloc(python):
    return python.supported and not python.lockless


def has_mimalloc(python):
    return python.supported and python.minor >= (3, 13)


def recorded(box, run):
    run.succeeds()
    equal(run.out, "2000\n", "output")
    trace = box.trace(run)
    equal(births(trace, marked(box)), 3000, "allocations of the program")
    alive = sum(row.births - row.deaths[0] - row.deaths[1] for row in made_by_program(trace, marked(box)))
    equal(alive, 2000, "alive among them at the end of the program")
    report = box.report(run)
    cycles = [g for g in report["cycles"]["groups"] if g["path"] and g["path"][0]["type"] == "__main__.Node"]
    equal(sum(g["count"] for g in cycles), 25, "leaked cycles of Node")
    return run


@interpreters(has_pymalloc)
@cases(["malloc", "malloc_debug", "pymalloc", "pymalloc_debug"])
def test_program_chooses_pymalloc_or_none(box, allocator):
    chosen_allocator(box, allocator)


@interpreters(has_mimalloc)
@cases(["mimalloc", "mimalloc_debug"])
def test_program_chooses_mimalloc(box, allocator):
    chosen_allocator(box, allocator)


@interpreters()
@cases(["debug", "default"])
def test_program_chooses_a_debug_allocator(box, allocator):
    chosen_allocator(box, allocator)


def chosen_allocator(box, allocator):
    run = recorded(box, box.script(PROGRAM, env={"PYTHONMALLOC": allocator}))
    plain = box.program(box.path("program.py"), env={"PYTHONMALLOC": allocator})
    equal(run.err.startswith(plain.err), True, "stderr: %r" % run.err)


@interpreters()
@cases(["-Xdev", "-Xtracemalloc", "-Ximporttime", "-Wall", "-E", "-I", "-S", "-B", "-O", "-u", "-Xutf8"])
def test_command_line_options_of_the_interpreter(box, option):
    run = box.record(option, box.write("program.py", PROGRAM))
    recorded(box, run)


@interpreters()
def test_tracemalloc_gives_the_same_figures(box):
    program = box.write("program.py", """\
import tracemalloc
tracemalloc.start(5)
kept = [bytes(437) for _ in range(1000)]
snapshot = tracemalloc.take_snapshot()
own = [s for s in snapshot.statistics("lineno") if s.traceback[0].lineno == 3]
print(sum(s.count for s in own) >= 1000, sum(s.size for s in own) >= 470000)
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
more = [bytes(437) for _ in range(1000)]
""")
    plain = box.program(program)
    run = box.record(program).succeeds()
    equal(run.out, plain.out, "output")
    trace = box.trace(run)
    equal(births(trace, marked(box)), 2000, "allocations under tracemalloc")


@interpreters(lambda python: python.supported and python.minor >= (3, 13))
def test_loss_of_the_tracer_to_tracemalloc_is_recorded(box):
    run = box.script("import tracemalloc\ntracemalloc.start()\nkept = [bytes(100) for _ in range(30000)]\n").succeeds()
    trace = box.trace(run)
    expect(any(code == 1 for code, _ in trace.notes), "no note says that the tracer was lost: %s" % trace.notes)
    equal(box.report(run)["run"]["stacks"], "approximate", "run.stacks")


@interpreters()
def test_gc_module_functions_are_untouched_by_recording(box):
    program = box.write("program.py", """\
import gc
gc.collect()
before = len(gc.get_objects())
kept = [[] for _ in range(10)]
print(len(gc.get_objects()) - before, len(gc.get_referrers(kept[0])), gc.get_referents(kept)[:1])
""")
    equal(box.record(program).out, box.program(program).out, "output")


# Each block has pages of its own, and none once it is freed: what reads one then is killed.
UNMAPPING = """\
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#define ROOM(block) (*(size_t *)((char *)(block) - 16))
void *malloc(size_t size)
{
    size_t room = (size + 16 + 4095) & ~4095ul;
    char *start = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *(size_t *)start = room;
    return start + 16;
}
void free(void *block)
{
    if (block)
        munmap((char *)block - 16, ROOM(block));
}
void *calloc(size_t count, size_t size) { return malloc(count * size); }
void *realloc(void *block, size_t size)
{
    void *moved = malloc(size);
    if (block) {
        size_t had = ROOM(block) - 16;
        memcpy(moved, block, had < size ? had : size);
        free(block);
    }
    return moved;
}
"""


@interpreters(lambda python: python.minor in ((3, 11), (3, 15)))
@cases(["", "--native"])
def test_what_is_freed_may_be_gone_at_once(box, option):
    box.need("cc")
    library = box.path("unmapping.so")
    box.command(["cc", "-shared", "-fPIC", "-fno-builtin", "-o", library, box.write("unmapping.c", UNMAPPING)]).succeeds()
    run = box.script("print(len([str(n) for n in range(1000)]))\n", options=[option] if option else [],
                     env={"LD_PRELOAD": library}).succeeds()
    equal(run.out, "1000\n", "output")
    expect(box.report(run)["heap"]["objects"] > 5000, "no heap was seen")
