# SPDX-License-Identifier: MIT
"""Native memory: what C code has from malloc, by its line and the Python stack, each block once."""

import os
import re

from harness import SAMPLES, equal, expect, interpreters
from test_cycles import compile_extension
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


@interpreters(lambda python: python.supported and python.minor in ((3, 11), (3, 13)))
def test_a_sample_gives_unbiased_estimates(box):
    options = ("--native", "--native-sample", "16K", "--seed", "7")
    run, native, found = forgetful(box, "100000", "4000", options=options)
    count, bytes_ = sum(site["count"] for site in found), sum(site["bytes"] for site in found)
    # About 21,700 samples: a hundredth is more than one and a half standard deviations, five are not reached.
    expect(abs(count / 100000 - 1) < 0.05 and abs(bytes_ / 4e8 - 1) < 0.05, lambda: "estimates: %s, %s" % (count, bytes_))
    alive = sum(site["alive"] for site in found)
    expect(30 < alive < 250, lambda: "of 100 about 22 are samples, 4.6 each: %s" % alive)
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect(re.search(r"~[0-9.]+ .iB alive", text) and "estimates" in text, text)


@interpreters()
def test_blocks_of_the_runtime_are_not_counted_twice(box):
    run = box.script("kept = [bytes(2000) for i in range(20000)]\n", options=ALL).succeeds()
    native = section(box, run, "native", "native")
    counted = sum(site["bytes"] for site in native["sites"])
    expect(counted < 8e6, lambda: "%d bytes of native blocks, 40 MB are Python's\n%s" % (counted, native["sites"][:2]))


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


def test_a_run_without_native_memory_says_so(box):
    box.python = type("python", (), {"path": "/usr/bin/python3"})
    if not os.path.exists(box.python.path):
        box.skip("there is no /usr/bin/python3")
    run = box.script("pass\n")
    if not run.traces:
        box.skip("that interpreter is not one of those that can be profiled")
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    expect("not recorded" in text, text)
