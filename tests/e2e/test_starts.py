# SPDX-License-Identifier: MIT
"""What goes wrong once in hundreds of starts: short programs, again and again."""

import tracefile
from harness import cases, equal, expect, interpreters, slow, timeout

STARTS = 150
PROGRAMS = {
    "nothing": "pass",
    "threads": """\
import threading
def work():
    for _ in range(100): [bytes(300) for _ in range(10)]
for _ in range(3):
    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
print("end")
""",
    "processes": """\
import os, subprocess, sys
for number in range(4):
    child = os.fork()
    if child == 0:
        kept = [bytes(300) for _ in range(4000 if number % 2 else 10)]
        os._exit(number) if number % 3 else sys.exit(number)
    print(os.waitpid(child, 0)[1] >> 8)
print(subprocess.run([sys.executable, "-S", "-c", "print(1)"], stdout=subprocess.PIPE).stdout)
try: subprocess.run(["/nonexistent"])
except FileNotFoundError: print("not found")
""",
}
WAYS = {
    "plain": {},
    "sample": {"options": ["--sample", "16384"]},
    "lives": {"options": ["--lives"]},
    "epochs": {"options": ["--epoch", "4096"]},
    "debug": {"env": {"PYTHONMALLOC": "debug"}},
}


@interpreters()
@cases(["%s-%s" % (program, way) for program in PROGRAMS for way in WAYS])
@slow
@timeout(900)
def test_every_start_ends_as_without_us(box, case):
    name, way = case.split("-")
    if box.python.minor == (3, 8) and (name, way) == ("processes", "debug"):
        box.skip("3.8 itself crashes in a forked child with PYTHONMALLOC=debug")
    program, options = box.write("program.py", PROGRAMS[name]), WAYS[way]
    plain = box.program(program, env=options.get("env"))
    for start in range(STARTS):
        run = box.record(program, **dict(options, options=["--quiet", *options.get("options", [])]))
        equal((run.code, run.out, run.err), (plain.code, plain.out, plain.err), "start %d: exit code, stdout, stderr" % start)
        expect(run.traces, lambda: "start %d left no trace" % start)
        for path in run.traces:
            trace = tracefile.Trace(path)
            expect(trace.end and not trace.truncated, lambda: "start %d: %s has no end" % (start, path))
            expect(all(snapshot.whole for snapshot in trace.snapshots.values()), lambda: "start %d: %s has half a snapshot" % (start, path))
