# SPDX-License-Identifier: MIT
"""Snapshots while the program runs: every so often, on growth, on request."""

import json
import os
import shutil
import signal
import subprocess
import time

from harness import decode, equal, expect, interpreters, timeout

THREADS = """\
import sys, threading, time
end = time.monotonic() + float(sys.argv[1])
sums = []
def work():
    kept, total = {}, 0
    while time.monotonic() < end:
        for i in range(300):
            made = [j for j in range(20)]
            kept[i % 7] = (made, str(i), {"a": i})
            total += len(made) == 20
    sums.append(total)
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
if len(sys.argv) > 2:
    work()
for thread in threads:
    thread.join()
print(len(sums))
"""

IDLE = """\
import sys, time
class Node: pass
kept = []
for i in range(500):
    node = Node()
    node.me = node
    kept.append({"node": node, i: str(i)})
print("ready", flush=True)
sys.stdin.readline()
print("done")
"""


class Running:
    """A program under ouro that goes on while the test looks at it."""

    def __init__(self, box, text, *options, name="program.py"):
        self.box, self.folder = box, box.folder_for_run()
        self.process = subprocess.Popen(
            [box.ouro, "run", "-q", "-o", self.folder, *options, "--", box.python.path, box.write(name, text)],
            cwd=box.folder, env=box.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def line(self):
        return decode(self.process.stdout.readline()).strip()

    @property
    def pid(self):
        """Of the program: the launcher's only child."""
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as file:
            return int(file.read().split()[0])

    def ends(self):
        out, err = self.process.communicate(b"\n", timeout=30)
        equal((self.process.returncode, decode(err)), (0, ""), "exit code and stderr of the program")
        return decode(out).strip()


def listed(box, folder):
    info = json.loads(box.command([box.ouro, "info", folder, "--format", "json"]).succeeds().out)
    return info["processes"][0]["snapshots"]


def objects(box, folder, number):
    """A snapshot's objects and references by address, without what may differ and mean nothing."""
    result = {}
    for what in ("objects", "edges"):
        out = box.command([box.ouro, "export", folder, "--what", what, "--snapshot", str(number)]).succeeds().out
        result[what] = out
    return result


def differing(left, right):
    a, b = set(left.splitlines()), set(right.splitlines())
    return sorted(a ^ b)[:6]


@interpreters()
def test_an_idle_program_is_photographed_twice_the_same(box):
    with Running(box, IDLE) as running:
        equal(running.line(), "ready", "the program's output")
        time.sleep(0.2)
        pids = running.pid, running.process.pid  # the launcher's number means its program
        answers = [box.command([box.ouro, "snapshot", str(pid)]).succeeds().out for pid in pids]
        equal(running.ends(), "done", "the program's output")
    for number, answer in enumerate(answers, 1):
        expect(answer.startswith("snapshot %d of process " % number) and "paused" in answer, answer)
    kinds = [(s["number"], s["reason"], s["whole"], s["status"]) for s in listed(box, running.folder)]
    equal(kinds, [(1, "on request", True, "complete"), (2, "on request", True, "complete"),
                  (3, "at exit", True, "complete")], "snapshots")
    first, second = objects(box, running.folder, 1), objects(box, running.folder, 2)
    expect(first["objects"].count("__main__.Node") >= 500, "the nodes are not in the snapshot")
    for what in first:
        expect(first[what] == second[what],
               lambda: "%s differ:\n%s" % (what, "\n".join(differing(first[what], second[what]))))
    report = box.report(running.folder, "--snapshot", "1")
    equal(report["heap"]["negative_residuals"], 0, "negative residuals")
    equal([s["reported"] for s in report["heap"]["snapshots"]], [True, False, False], "what is reported")


@interpreters()
@timeout(120)
def test_snapshots_every_50_ms_disturb_no_busy_program(box):
    program = box.write("program.py", THREADS)
    for arguments in (["1"], ["1", "main"]):
        plain = box.program(program, *arguments).succeeds()
        run = box.record(program, *arguments, options=["-q", "--snapshot-every", "0.05"]).succeeds()
        equal((run.out, run.err), (plain.out, plain.err), "output")
        taken = listed(box, run.folder)
        expect(len(taken) >= 3, "only %d snapshots" % len(taken))
        equal([s["reason"] for s in taken], ["at an interval"] * (len(taken) - 1) + ["at exit"], "reasons")
        equal([s["number"] for s in taken if not s["whole"]], [], "snapshots that are not whole")
        expect(all(s["pause"] > 0 and s["bytes"] > 0 for s in taken), lambda: "pause and bytes: %s" % taken)
        if box.python.lockless:
            continue  # other threads go on while the copy is made
        for number in (1, len(taken) // 2):
            report = box.report(run, "--snapshot", str(number))
            equal(report["heap"]["negative_residuals"], 0, "negative residuals of snapshot %d" % number)
            groups = [g for g in report["cycles"]["groups"] if not g["pending"]]
            equal(groups, [], "leaked cycles of snapshot %d" % number)


@interpreters()
def test_growth_brings_a_snapshot(box):
    run = box.script("""\
import time
kept = []
for step in range(6):
    kept.extend(bytes(1000) for _ in range(10000))
    time.sleep(0.15)
for step in range(6):
    made = [bytes(1000) for _ in range(10000)]
    del made
""", options=["-q", "--snapshot-growth", "20M"]).succeeds()
    taken = [s for s in listed(box, run.folder) if s["reason"] == "on growth"]
    expect(2 <= len(taken) <= 4, lambda: "60 MB of growth, 20 MiB apart: %s" % taken)
    sizes = [s["bytes"] for s in taken]
    expect(all(b - a > 15 << 20 for a, b in zip(sizes, sizes[1:])), "bytes of the snapshots: %s" % sizes)


@interpreters()
def test_a_fork_between_snapshots_has_its_own(box):
    run = box.script("""\
import os, sys, time
def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        kept = [[i] for i in range(500)]
work(0.3)
child = os.fork()
work(0.3)
if child:
    print(os.waitpid(child, 0)[1])
""", options=["-q", "--snapshot-every", "0.1"]).succeeds()
    equal(run.out, "0\n", "output")
    info = json.loads(box.command([box.ouro, "info", run.folder, "--format", "json"]).succeeds().out)
    equal(len(info["processes"]), 2, "processes")
    for process in info["processes"]:
        taken = process["snapshots"]
        equal([s["number"] for s in taken], list(range(1, len(taken) + 1)), "numbers")
        expect(len(taken) >= 2 and all(s["whole"] for s in taken), lambda: "snapshots: %s" % taken)
        equal((process["file"]["damage"], process["file"]["chunks_missing"]), ("", 0), "the trace")


@interpreters()
def test_a_kill_between_snapshots_leaves_those_before(box):
    run = box.script("""\
import os, signal, time
end = time.monotonic() + 0.5
while time.monotonic() < end:
    kept = [[i] for i in range(500)]
os.kill(os.getpid(), signal.SIGKILL)
""", options=["-q", "--snapshot-every", "0.1"])
    equal(run.code, 128 + signal.SIGKILL, "exit code")
    taken = listed(box, run.folder)
    expect([s for s in taken if s["whole"]], lambda: "no whole snapshot: %s" % taken)
    report = box.report(run)
    expect(report["run"]["truncated"] and report["heap"]["objects"] > 1000, "the last whole snapshot is reported")
    first = box.report(run, "--snapshot", "first")
    equal([s["number"] for s in first["heap"]["snapshots"] if s["reported"]], [1], "the first is reported")


def test_a_request_that_cannot_be_met_says_why(box):
    def refused(*arguments):
        result = box.command([box.ouro, "snapshot", *arguments])
        equal((result.code, result.out, result.err.count("\n")), (2, "", 1), "refusal of %s" % (arguments,))
        return result.err
    other = subprocess.Popen(["sleep", "30"])
    try:
        expect("does not run under ouro" in refused(str(other.pid)), "a process that is not recorded")
    finally:
        other.kill()
    other.wait()
    expect("there is no process %d" % other.pid in refused(str(other.pid)), "a process that is gone")
    if os.geteuid() == 0 and shutil.which("setpriv"):
        # Of another user, who may send us no signal.
        mine = subprocess.Popen(["sleep", "30"])
        result = box.command(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                              box.ouro, "snapshot", str(mine.pid)])
        mine.kill()
        mine.wait()
        if "execute" not in result.err:  # that user may not reach the build folder
            expect(result.code == 2 and "another user" in result.err, result.err)
    for wrong in ("x", "0", "-- -3", "99999999999"):
        refused(*wrong.split())


@interpreters(lambda python: python.minor in ((3, 8), (3, 11), (3, 13)))
def test_a_request_meets_a_busy_program_whose_main_thread_waits(box):
    with Running(box, """\
import sys, threading
running = True
def work():
    while running:
        kept = [[i] for i in range(500)]
thread = threading.Thread(target=work)
thread.start()
print("ready", flush=True)
sys.stdin.readline()
running = False
thread.join()
print("done")
""") as running:
        equal(running.line(), "ready", "output")
        for _ in range(20):  # some come while the copy for the one before is not gone yet
            box.command([box.ouro, "snapshot", str(running.pid)]).succeeds()
        equal(running.ends(), "done", "output")
    equal([s["whole"] for s in listed(box, running.folder)], [True] * 21, "snapshots that are whole")


MARKS = """\
import os, time
kept = []
for number in range(3):
    os.environ["PYTEST_CURRENT_TEST"] = "test_it.py::test_%d (call)" % number
    kept.append(bytes(100000))
    del os.environ["PYTEST_CURRENT_TEST"]
    time.sleep(0.5)
print(len(kept))
"""


@interpreters()
def test_each_test_ends_with_a_snapshot(box):
    run = box.script(MARKS, options=["--snapshot-marks"]).succeeds()
    equal(run.out, "3\n", "stdout")
    heap = box.report(run)["heap"]
    equal([s["reason"] for s in heap["snapshots"]], ["at a mark"] * 3 + ["at exit"], "reasons")
    equal(heap["negative_residuals"], 0, "objects with fewer references than are known")
    sizes = [s["bytes"] for s in heap["snapshots"][:3]]
    for less, more in zip(sizes, sizes[1:]):
        expect(90000 < more - less < 150000, "a test keeps 100,000 bytes: %s" % sizes)
    without = box.script(MARKS).succeeds()
    equal([s["reason"] for s in box.report(without)["heap"]["snapshots"]], ["at exit"], "snapshots when none are asked for")
