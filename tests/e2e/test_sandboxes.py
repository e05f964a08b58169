# SPDX-License-Identifier: MIT
"""Programs that take rights from themselves: filters of system calls, namespaces, another user.

What they forbid themselves they would not do; we would. Each ends as without us, and what could not be
recorded is said.
"""

import os

from harness import cases, equal, expect, interpreters
import test_faults
from test_faults import a_few

WORK = test_faults.WORK + """\
import ctypes, os, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
"""
FILTERS = WORK + """\
import platform
if platform.machine() != "x86_64": sys.exit("no list of calls for " + platform.machine())
KILL, ALLOW, ERRNO = 0x80000000, 0x7fff0000, 0x00050000
class Fprog(ctypes.Structure): _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
kept = []
def fprog(calls, those, others):
    "A filter that answers these calls and others so."
    code = [(0x20, 0, 0, 4), (0x15, 1, 0, 0xc000003e), (0x06, 0, 0, KILL), (0x20, 0, 0, 0)]
    code += [(0x15, len(calls) - i, 0, call) for i, call in enumerate(calls)]
    code += [(0x06, 0, 0, others), (0x06, 0, 0, those)]
    text = b"".join(struct.pack("HBBI", *line) for line in code)
    kept.append(ctypes.create_string_buffer(text, len(text)))
    kept.append(Fprog(len(code), ctypes.addressof(kept[-1])))
    return ctypes.byref(kept[-1])
def no_more_rights():
    if libc.prctl(38, 1, 0, 0, 0): sys.exit("seccomp is not available")
def by_prctl(program):
    no_more_rights()
    if libc.prctl(22, 2, program, 0, 0): sys.exit("seccomp is not available")
def by_number(program, flags=0):
    libc.syscall.restype = ctypes.c_long
    return libc.syscall(ctypes.c_long(317), ctypes.c_ulong(1), ctypes.c_ulong(flags), program)
print(work(), flush=True)
"""
# What a program in a sandbox needs: read, write, close, stat, lseek, mmap, mprotect, munmap, brk, signals, ioctl, mremap,
# madvise, dup, exit, futex, clock, random bytes, threads.
NEEDED = "[0, 1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 28, 32, 35, 39, 60, 131, 186, 202, 228, 230, 231, 257, 262, 318, 334]"
CHILDREN = "[56, 57, 58, 435]"
# name: (program, what the report says; None: there is a snapshot)
SANDBOXES = {
    "only_what_the_program_needs": ("""\
by_prctl(fprog(%s, ALLOW, KILL))
print(work(200000), flush=True)
""" % NEEDED, "recording ends here"),
    "only_what_the_program_needs_by_number": ("""\
no_more_rights()
print(by_number(fprog(%s, ALLOW, KILL)), flush=True)
print(work(200000), flush=True)
os._exit(5)
""" % NEEDED, "recording ends here"),
    "no_children": ("""\
by_prctl(fprog(%s, KILL, ALLOW))
print(work(200000), flush=True)
""" % CHILDREN, "that the program gave itself forbids it"),
    "a_child_of_number_0": ("""\
by_prctl(fprog(%s, ERRNO, ALLOW))
print(work(), flush=True)
""" % CHILDREN, "that the program gave itself forbids it"),
    "a_child_in_a_sandbox": ("""\
pid = os.fork()
if pid == 0:
    by_prctl(fprog(%s, ALLOW, KILL))
    print(work(200000), flush=True)
    os._exit(0)
print(os.waitpid(pid, 0)[1])
""" % NEEDED, None),
    "a_filter_that_is_refused": ("""\
print(by_number(fprog(%s, ALLOW, KILL), 1 << 20), by_number(ctypes.c_void_p(8)), libc.prctl(22, 2, ctypes.c_void_p(0), 0, 0))
print(work(), flush=True)
""" % NEEDED, None),
    "next_to_nothing": ("""\
libc.prctl.argtypes = [ctypes.c_ulong] * 3
if os.fork() == 0:
    if libc.prctl(22, 1, 0) == 0: os.write(1, b"inside\\n")
    os._exit(0)
print(os.wait()[1])
""", None),
}


@interpreters(a_few)
@cases(SANDBOXES)
def test_a_program_that_forbids_itself_system_calls_ends_as_it_would_have(box, name):
    code, told = SANDBOXES[name]
    program = box.write("program.py", FILTERS + code)
    plain = box.program(program)
    if "seccomp is not available" in plain.err or "no list of calls" in plain.err:
        box.skip(plain.err.strip())
    expect(plain.code in (0, 5), "the program does not run by itself\n%s" % plain)
    run = box.record(program, launcher=False)
    equal((run.code, run.out, run.err), (plain.code, plain.out, plain.err), "the end\n%s\n%s" % (plain, run))
    report = box.command([box.ouro, "report", run.folder]).succeeds()
    flat = " ".join(report.out.split())
    equal("there is no snapshot" in flat, told is not None, "no snapshot\n%s" % report)
    expect(told is None or told in flat, "why there is none\n%s" % report)
    expect(box.report(run)["churn"]["allocations"] > 20000, "what it did before was recorded")


NAMESPACE = WORK + """\
held = []
def hold():
    held.append([bytes(1000) for _ in range(30000)])
    return work()
if libc.unshare(0x20000000): sys.exit("a PID namespace of its own is not allowed")
print(hold(), flush=True)
pid = os.fork()
if pid == 0:
    print(os.getpid(), hold(), flush=True)
    os._exit(0)
print(os.waitpid(pid, 0)[1])
"""


@interpreters(a_few)
def test_the_first_process_of_a_namespace_is_the_programs(box):
    program = box.write("program.py", NAMESPACE)
    plain = box.program(program)
    if plain.code:
        box.skip(plain.err.strip())
    run = box.record(program, options=["-q", "--snapshot-growth", "8MiB"])
    equal((run.code, run.out, run.err), (plain.code, plain.out, plain.err), "the end\n%s\n%s" % (plain, run))
    info = box.command([box.ouro, "info", run.folder]).succeeds().out
    expect("another PID namespace" in info, "why there are no more snapshots\n%s" % info)


GIVEN_UP = WORK + """\
print(work())
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(work(), os.geteuid() != 0)
"""


@interpreters(a_few)
@cases([True, False])
def test_a_server_that_gave_up_its_rights_is_photographed(box, launcher):
    if os.geteuid() != 0:
        box.skip("only root has rights to give up")
    os.chmod(box.folder, 0o755)
    run = box.record(box.write("program.py", GIVEN_UP), launcher=launcher).succeeds()
    equal(run.out, "20000\n20000 True\n", "output")
    equal(len(box.report(run)["heap"]["snapshots"]), 1, "snapshots")


PROMISES = """\
import os
for line in open("/proc/self/status"):
    if line.startswith("VmSize:"): print(int(line.split()[1]) >> 10 < 2048, end=" ")
print(len([[] for _ in range(100000)]))
"""


@interpreters(a_few)
def test_little_is_reserved_where_the_kernel_promises_no_more_than_it_has(box):
    """With vm.overcommit_memory=2 gigabytes that are reserved are gigabytes that nobody else gets, forks among them."""
    box.need("unshare", "mount")
    box.write("overcommit_memory", "2\n")
    box.write("meminfo", "CommitLimit:    8388608 kB\nCommitted_AS:   4194304 kB\n")
    mounts = 'mount --bind "$0/overcommit_memory" /proc/sys/vm/overcommit_memory && mount --bind "$0/meminfo" /proc/meminfo'
    inside = ["unshare", "-m", "sh", "-c", mounts + ' && exec "$@"', box.folder]
    if box.command([*inside, "true"]).code:
        box.skip("settings cannot be made up here (unshare -m, mount --bind)")
    run = box.record(box.write("program.py", PROMISES), command=[*inside, box.python.path], launcher=False).succeeds()
    equal(run.out, "True 100000\n", "less than two GiB of addresses, and the program's output")
    report = [box.report(path) for path in run.traces if "program.py" in str(box.report(path)["run"]["argv"])]
    equal([len(r["heap"]["snapshots"]) for r in report], [1], "snapshots")


@interpreters(lambda python: a_few(python) and not python.lockless)  # that one reserves a GiB for itself
@cases(["as", "data"])
def test_a_limit_on_memory_that_was_there_before_leaves_room_for_the_program(box, limit):
    box.need("prlimit")
    inside = ["prlimit", "--%s=%d" % (limit, 300 << 20), box.python.path]
    run = box.record(box.write("program.py", WORK + "print(work(100000))\n"), command=inside, launcher=False).succeeds()
    equal((run.out, run.err), ("100000\n", ""), "output")
    equal(len(box.report(run)["heap"]["snapshots"]), 1, "snapshots")
