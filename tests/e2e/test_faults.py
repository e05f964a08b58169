# SPDX-License-Identifier: MIT
"""Faults: whatever a program does to itself, or the machine to it, it ends as it would have ended without us.

Each program is run plain and recorded: the same output, the same exit code, and an end. What was recorded opens,
and says so where it is not whole. docs/reliability.md lists the faults.
"""

import json
import os
import re
import tempfile

from harness import PROGRAMS, cases, equal, expect, interpreters

WORK = """\
class Thing: pass
def work(count=20000):
    kept = []
    for number in range(count):
        thing = Thing(); thing.me = thing
        kept.append([thing, str(number)])
    return len(kept)
"""
SECCOMP = """\
import ctypes, os, platform, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
# BPF: the number of the call; clone, fork, vfork and clone3 give EPERM, all else is allowed.
calls = {"x86_64": (56, 57, 58, 435)}.get(platform.machine())
if not calls: sys.exit("no list of calls for " + platform.machine())
code = [(0x20, 0, 0, 0)] + [(0x15, len(calls) - i, 0, call) for i, call in enumerate(calls)]
code += [(0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x00050001)]
program = b"".join(struct.pack("HBBI", *line) for line in code)
buffer = ctypes.create_string_buffer(program, len(program))
class Fprog(ctypes.Structure): _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
fprog = Fprog(len(code), ctypes.addressof(buffer))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(fprog), 0, 0): sys.exit("seccomp is not available")
print(work())
try: os.fork()
except OSError as error: print(error)
print(work())
"""
# name: (program, whether there must be a snapshot; None: as it comes)
FAULTS = {
    "abort": ("import os; work(); os.abort()", None),
    "segmentation_fault": ("import ctypes; work(); ctypes.string_at(8)", None),
    "segmentation_fault_told": ("import ctypes, faulthandler; faulthandler.enable(); work(); ctypes.string_at(8)", None),
    "stack_overflow": ("""\
import ctypes, sys, threading
def overflow():
    sys.setrecursionlimit(10 ** 9)
    @ctypes.CFUNCTYPE(None)
    def again(): again()
    again()
threading.stack_size(1 << 20)
work()
thread = threading.Thread(target=overflow); thread.start(); thread.join(); print("still here")
""", None),
    "deep_recursion": ("""\
import sys
sys.setrecursionlimit(20000)
def down(n): return [n] if n == 0 else [down(n - 1)]
print(len(down(900)))
def endless(): return [endless()]
sys.setrecursionlimit(1000)
try: endless()
except RecursionError as error: print(type(error).__name__)
print(work())
""", True),
    "memory_error": ("""\
try: bytearray(1 << 60)
except MemoryError: print("MemoryError")
print(work())
""", True),
    "address_space_limit": ("""\
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.RLIM_INFINITY))
kept = []
try:
    while True: kept.append(bytearray(10 << 20))
except MemoryError:
    count = len(kept)
    del kept
    print("MemoryError", 80 < count < 103)
print(resource.getrlimit(resource.RLIMIT_AS), work())
""", True),
    "data_limit": ("""\
import resource
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, resource.RLIM_INFINITY))
kept = []
try:
    while True: kept.append(bytearray(10 << 20))
except MemoryError:
    count = len(kept)
    del kept
    print("MemoryError", 80 < count < 103)
print(resource.prlimit(0, resource.RLIMIT_DATA), work())
""", True),
    "limits_are_inherited_as_asked_for": ("""\
import os, resource, subprocess, sys
for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
    print(resource.getrlimit(kind))
    resource.setrlimit(kind, (6 << 30, resource.RLIM_INFINITY))
    print(resource.getrlimit(kind), resource.prlimit(os.getpid(), kind, (7 << 30, 8 << 30)))
    for wrong in ((9 << 30, 8 << 30), (1 << 30, 1 << 20)):
        try: resource.setrlimit(kind, wrong)
        except (ValueError, OSError) as error: print(error)
    print(subprocess.run(["sh", "-c", "ulimit -v; ulimit -d"], stdout=subprocess.PIPE).stdout)
    try: os.execv("/nonexistent", ["x"])
    except OSError as error: print(error)
    print(resource.getrlimit(kind))
print(work())
""", True),
    "no_more_files": ("""\
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
files = []
try:
    while True: files.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error: print(error, len(files))
print(work())
""", True),
    "file_size_limit": ("""\
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, resource.RLIM_INFINITY))
try:
    with open("data", "wb", buffering=0) as out: print(out.write(bytes(60000)), out.write(bytes(60000)), out.write(bytes(60000)))
except OSError as error: print(error)
print(work(200000))
""", None),
    "file_size_limit_that_kills": ("""\
import resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, resource.RLIM_INFINITY))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
print(work(200000))
""", None),
    "no_more_processes": ("""\
import os, resource
resource.setrlimit(resource.RLIMIT_NPROC, (0, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
print(work())
try:
    pid = os.fork()
    if not pid: os._exit(0)
    print(os.waitpid(pid, 0)[1])
except OSError as error: print(error)
""", None),
    "no_fork_allowed": (SECCOMP, None),
    "another_root": ("""\
import os
os.mkdir("empty")
if os.geteuid() == 0: os.chroot("empty")
os.chdir("/")
print(work())
""", True),
    "folder_gone": ("""\
import os, shutil
print(work())
shutil.rmtree(os.getcwd(), ignore_errors=True)
print(work())
""", None),
    "files_in_place_of_ours": ("""\
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
os.closerange(3, 70000)
files = [os.open("file%d" % n, os.O_RDWR | os.O_CREAT) for n in range(700)]
# From 512 on a number may be ours, if the trace was opened again before the program came there.
print(files[:509] == list(range(3, 512)), work(200000))
print(sum(os.fstat(file).st_size for file in files))
""", None),
    "small_stacks": ("""\
import threading
threading.stack_size(32768)
threads = [threading.Thread(target=work, args=(2000,)) for _ in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("end")
""", True),
    "exit_in_a_thread": ("""\
import os, threading
work()
threading.Thread(target=lambda: os._exit(7)).start()
threading.Event().wait(60)
""", True),
    "executes_itself_again": ("""\
import os, sys
print(work(), len(sys.argv), flush=True)
if len(sys.argv) < 4: os.execv(sys.executable, [sys.executable, *sys.argv, "again"])
""", None),
    "raises_at_exit": ("""\
import atexit, sys
class Late:
    def __del__(self): print("gone", work(10))
late = Late()
atexit.register(lambda: 1 / 0)
print(work())
sys.exit(3)
""", True),
    "interrupted": ("import os, signal; work(); os.kill(os.getpid(), signal.SIGINT); print('not reached' * work(100))", True),
}


def trimmed(text):
    """Without what differs between any two runs: addresses, and the line of a shell about a signal."""
    return re.sub(r"0x[0-9a-f]+", "0x…", text)


@interpreters()
@cases(FAULTS)
def test_a_program_in_trouble_ends_as_it_would_have(box, name):
    code, snapshot = FAULTS[name]
    program = box.write("program.py", WORK + code)
    ends = []
    for way in ("plain", "recorded"):
        folder = box.path(way)
        os.mkdir(folder)
        if way == "plain":
            ends.append(box.command([box.python.path, program], cwd=folder, env={"TMPDIR": "/nonexistent"}))
        else:
            ends.append(box.record(program, launcher=False, cwd=folder, env={"TMPDIR": "/nonexistent"}))
    plain, run = ends
    if "seccomp is not available" in plain.err or "no list of calls" in plain.err:
        box.skip(plain.err.strip())
    equal(run.code, plain.code, "exit code\n%s\n%s" % (plain, run))
    equal(trimmed(run.out), trimmed(plain.out), "output\n%s\n%s" % (plain, run))
    ours = [line for line in run.err.splitlines() if line.startswith("ouro: ")]
    expect(len(ours) <= 1, "more than a line of ours: %r" % ours)
    if not run.traces:
        expect(ours, "nothing was recorded, and nobody says why\n%s" % run)
        return
    report = box.command([box.ouro, "report", run.folder])
    expect(report.code in (0, 3), "the trace does not open\n%s" % report)
    expect(not snapshot or "no snapshot" not in report.out, "no snapshot\n%s" % report)


# What --native adds is at work where memory is scarce, where stacks end, and in every child.
NATIVE = ["abort", "segmentation_fault_told", "stack_overflow", "deep_recursion", "memory_error", "address_space_limit",
          "no_more_files", "no_more_processes", "no_fork_allowed", "small_stacks", "exit_in_a_thread", "files_in_place_of_ours",
          "executes_itself_again", "interrupted"]


def a_few(python):
    """One that every machine has, the newest, and one without the global lock: the library is the same for all."""
    return python.supported and (python.minor in ((3, 11), (3, 15)) or python.lockless)


@interpreters(a_few)
@cases(NATIVE)
def test_a_program_in_trouble_ends_as_it_would_have_with_native_memory(box, name):
    code, _ = FAULTS[name]
    program = box.write("program.py", WORK + code)
    plain = box.command([box.python.path, program], cwd=box.folder, env={"TMPDIR": "/nonexistent"})
    if "seccomp is not available" in plain.err or "no list of calls" in plain.err:
        box.skip(plain.err.strip())
    run = box.record(program, options=["-q", "--native", "--native-sample", "4096"], cwd=box.folder, env={"TMPDIR": "/nonexistent"})
    # The launcher tells a signal as a shell does.
    equal(run.code, plain.code if plain.code >= 0 else 128 - plain.code, "exit code\n%s\n%s" % (plain, run))
    equal(trimmed(run.out), trimmed(plain.out), "output\n%s\n%s" % (plain, run))
    report = box.command([box.ouro, "report", run.folder])
    expect(report.code in (0, 3), "the trace does not open\n%s" % report)
    if run.traces:
        equal(box.report(run)["native"]["sample"], 4096, "bytes between samples of malloc")


CLOCKS = """\
import gc, os, time
class Node: pass
def leak():
    for _ in range(300): a = Node(); a.me = a
gc.disable()
for turn in range(3):
    leak(); kept = [bytes(1000) for _ in range(3000)]
    pid = os.fork()
    if not pid: leak(); kept += [bytes(1000) for _ in range(3000)]; os._exit(0)
    os.waitpid(pid, 0)
gc.enable(); gc.collect(); leak()
time.time()
"""


def times_in(value, path=""):
    """Every number below a key that tells a time or a length of time, with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from times_in(inner, path + "." + key)
    elif isinstance(value, list):
        for inner in value:
            yield from times_in(inner, path + "[]")
    elif isinstance(value, (int, float)) and re.search(r"(time|pause|seconds|duration|pause_total)$", path.replace("[]", "")):
        yield path, value


@interpreters(a_few)
@cases({"back": "-3600", "forth": "86400"})
def test_times_do_not_follow_the_wall_clock(box, name):
    steps = {"back": "-3600", "forth": "86400"}
    box.need("cc")
    library = box.path("skew.so")
    box.command(["cc", "-shared", "-fPIC", "-o", library, os.path.join(PROGRAMS, "skew.c"), "-ldl"]).succeeds()
    run = box.script(CLOCKS, launcher=False, env={"LD_PRELOAD": "%s %s" % (box.shim, library), "OURO_EPOCH": "65536", "SKEW": steps[name]}).succeeds()
    seen = 0
    for command in (["report"], ["info"], ["processes"], ["gc"], ["churn"]):
        told = json.loads(box.command([box.ouro, *command, "--format", "json", run.folder]).succeeds().out)
        for path, value in times_in(told):
            seen += 1
            expect(0 <= value < 90, "%s: %s is %s while the wall clock jumps" % (" ".join(command), path, value))
    expect(seen > 20, "only %d times were found" % seen)
    # A child has the wall time of its fork, and is listed with its parent however late that is by the clock.
    listed = json.loads(box.command([box.ouro, "info", "--format", "json", run.folder]).succeeds().out)["processes"]
    equal([bool(process["parent_trace"]) for process in listed].count(False), 1, "processes without a parent")
    equal({process["parent_pid"] for process in listed if process["parent_trace"]},
          {process["pid"] for process in listed if not process["parent_trace"]}, "parents")
    for process in listed:
        expect(process["ended"], "a process that did not end: %s" % process)


MOST = 400 << 20
EATER = WORK + """
print(work(), flush=True)
kept = []
while True: kept.append(bytearray(b"x") * (8 << 20))
"""


def memory_group(box):
    """A control group whose processes may have MOST bytes, or a skip; and what takes it away."""
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        if not os.path.exists(os.path.join(root, "cgroup.procs")):
            continue
        try:
            group = tempfile.mkdtemp(prefix="ouro-", dir=root)
        except OSError:
            continue
        swap = os.path.join(group, "memory.memsw.limit_in_bytes"), os.path.join(group, "memory.swap.max")
        with open("/proc/swaps") as swaps:
            bounded = len(swaps.readlines()) < 2 or any(os.path.exists(name) for name in swap)
        try:
            for name, value in ((limit, MOST), ("memory.memsw.limit_in_bytes", MOST), ("memory.swap.max", 0)):
                if os.path.exists(os.path.join(group, name)):
                    with open(os.path.join(group, name), "w") as file:
                        file.write(str(value))
            with open(os.path.join(group, limit)) as file:
                if bounded and file.read().strip() == str(MOST):
                    return group
        except OSError:
            pass
        os.rmdir(group)
    box.skip("no control group of one's own can be made here, or none that limits memory")


@interpreters(a_few)
def test_what_the_kernel_kills_for_want_of_memory_leaves_its_trace(box):
    group = memory_group(box)
    program = box.write("program.py", EATER)
    enter = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', group]
    try:
        plain = box.command([*enter, box.python.path, program])
        run = box.record(program, launcher=False, command=[*enter, box.python.path])
    finally:
        try:
            os.rmdir(group)
        except OSError:
            pass
    equal((plain.code, plain.out), (-9, "20000\n"), "killed\n%s" % plain)
    equal((run.code, run.out), (plain.code, plain.out), "killed all the same\n%s" % run)
    report = box.command([box.ouro, "report", run.folder])
    expect(report.code in (0, 3) and "no snapshot" in report.out, "the report of a process that was killed\n%s" % report)
    expect("did not end in an orderly way" in box.command([box.ouro, "info", run.folder]).out, "the end of a process that was killed")
    expect(box.report(run)["churn"]["allocations"] > 20000, "what it did before")
