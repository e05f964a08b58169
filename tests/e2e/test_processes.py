# SPDX-License-Identifier: MIT
"""Every process with a runtime gets a trace of its own; no other process is touched."""

import os
import signal

from harness import PROGRAMS, births, cases, equal, expect, interpreters, size_of, slow, timeout

ALLOCATE = "for _ in range(321): bytes(437)\n"


def marked(box):
    """The size of the blocks that ALLOCATE makes."""
    return size_of(box, 437)


@interpreters()
def test_a_forked_child_has_a_trace_of_its_own(box):
    run = box.script("""\
import os, sys
%s
child = os.fork()
if child == 0:
    %s
    sys.exit(0)
os.waitpid(child, 0)
print(child)
""" % (ALLOCATE, ALLOCATE)).succeeds()
    child = int(run.out)
    parent, forked = box.traces(run)
    equal((forked.pid, forked.origin, forked.parent_trace), (child, 1, os.path.basename(parent.path)), "the child's trace")
    expect(child in parent.children, "the parent's trace does not name its child")
    equal((births(parent, marked(box)), births(forked, marked(box))), (321, 321), "allocations in parent and child")
    expect(parent.last_snapshot and forked.last_snapshot, "a snapshot each")
    report = box.report(run)
    equal(len(report["run"]["processes"]), 2, "processes in the report")


@interpreters()
@cases(["fork", "spawn", "forkserver"])
@timeout(120)
def test_multiprocessing_workers_are_recorded(box, method):
    program = box.write("program.py", """\
import multiprocessing, os
def work(number):
    %s
    return number * number, os.getpid()
if __name__ == "__main__":
    context = multiprocessing.get_context("%s")
    with context.Pool(2) as pool:
        results = pool.map(work, range(6), chunksize=1)
        pool.close()
        pool.join()
    print([square for square, pid in results])
    print(len({pid for square, pid in results}))
    open("pids", "w").write(" ".join(str(pid) for square, pid in results))
""" % (ALLOCATE.strip(), method))
    plain = box.program(program).succeeds()
    run = box.record(program).succeeds()
    equal(run.out.splitlines()[0], plain.out.splitlines()[0], "results")
    workers = {int(pid) for pid in box.read("pids").split()}
    traces = {trace.pid: trace for trace in box.traces(run)}
    expect(workers <= set(traces), "worker processes %s, traces %s" % (workers, sorted(traces)))
    # A child that came by fork starts with what it inherited; work() ran six times in all of them.
    equal(sum(births(traces[pid], marked(box)) for pid in workers), 6 * 321, "allocations of all workers")


@interpreters()
def test_subprocesses_are_recorded_and_linked(box):
    box.write("child.py", ALLOCATE + "print('child')")
    run = box.script("""\
import os, subprocess, sys
for _ in range(2): subprocess.run([sys.executable, "child.py"], check=True)
print(subprocess.run(["sh", "-c", "echo shell; true | cat; exec ls /dev/null"], stdout=subprocess.PIPE, check=True).stdout)
os.system("true")
""").succeeds()
    equal(run.out, "child\nchild\nb'shell\\n/dev/null\\n'\n", "output")
    traces = box.traces(run)
    equal(len(traces), 3, "traces: one for the program, two for its children, none for shells")
    equal([births(trace, marked(box)) for trace in traces], [0, 321, 321], "allocations")


@interpreters()
def test_exec_is_followed(box):
    box.write("second.py", ALLOCATE + "print('second')")
    run = box.script("""\
import os, sys
print("first", flush=True)
os.execv(sys.executable, [sys.executable, "second.py"])
""").succeeds()
    equal(run.out, "first\nsecond\n", "output")
    traces = box.traces(run)
    equal(len(traces), 2, "traces of a program that executes another")
    equal(sorted(births(trace, marked(box)) for trace in traces), [0, 321], "allocations")
    expect(all(trace.end for trace in traces), "a trace has no end")


@interpreters()
def test_a_child_with_an_empty_environment_is_left_alone(box):
    run = box.script("""\
import subprocess, sys
print(subprocess.run([sys.executable, "-S", "-c", "import os; print(sorted(os.environ))"], env={"A": "1"}, stdout=subprocess.PIPE).stdout)
""").succeeds()
    expect("OURO" not in run.out and "LD_PRELOAD" not in run.out, "environment of the child: " + run.out)


@interpreters()
def test_os_exit_gives_a_snapshot(box):
    run = box.script("import os\nkept = [[] for _ in range(1000)]\nprint('bye', flush=True)\nos._exit(9)\n")
    equal((run.out, run.code), ("bye\n", 9), "output and exit code")
    trace = box.trace(run)
    expect(trace.last_snapshot is not None, "no snapshot at os._exit")
    equal(trace.last_snapshot.reason, 1, "reason of the snapshot")
    equal(box.report(run)["run"]["exit_status"], 9, "exit status in the report")


@interpreters()
def test_os_exit_in_a_thread_gives_a_snapshot(box):
    run = box.script("""\
import os, threading, time
threading.Thread(target=lambda: os._exit(5)).start()
time.sleep(20)
""")
    equal(run.code, 5, "exit code")
    expect(box.trace(run).last_snapshot is not None, "no snapshot")


@interpreters()
@cases(["SIGKILL", "SIGSEGV"])
def test_a_killed_program_leaves_a_trace_that_opens_and_says_so(box, name):
    number = int(getattr(signal, name))
    run = box.script("""\
import os
kept = [bytes(437) for _ in range(50000)]
os.kill(os.getpid(), %d)
""" % number)
    equal(run.code, 128 + number, "exit code")
    trace = box.trace(run)
    expect(trace.end is None and trace.epochs, "a killed program has epochs and no end")
    expect(births(trace, marked(box)) > 25000, "allocations that reached the file: %d" % births(trace, marked(box)))
    result = box.command([box.ouro, "report", run.folder])
    expect(result.code in (0, 3), "exit code of the report: %s" % result)
    text = result.out + result.err
    expect(any(word in text for word in ("killed", "did not end", "no end", "incomplete", "cut")), "the report does not say so\n" + text)
    equal(box.report(run)["run"]["truncated"], True, "run.truncated")


@interpreters()
def test_daemon_threads_at_exit_do_no_harm(box):
    # 3.10 frees the interpreter while daemon threads wait for the lock, and they read it when their
    # wait times out: 1 run in 100 crashes on a busy machine, with or without us. Longer waits do not.
    patience = "sys.setswitchinterval(1)" if box.python.minor == (3, 10) else ""
    run = box.script("""\
import sys, threading, time
def work():
    while True: [bytes(437) for _ in range(100)]
for _ in range(4): threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
%s
print("end")
""" % patience)
    equal((run.out, run.code), ("end\n", 0), "output and exit code\n%s" % run)
    expect(box.trace(run).last_snapshot is not None, "no snapshot")


@interpreters()
@timeout(180)
def test_many_forks_of_a_threaded_program(box):
    fork_storm(box, 40)


@interpreters()
@slow
@timeout(600)
def test_a_thousand_forks_of_a_threaded_program(box):
    fork_storm(box, 1000)


def fork_storm(box, forks):
    run = box.script("""\
import os, sys, threading, warnings
warnings.simplefilter("ignore")
stop = threading.Event()
def work():
    while not stop.is_set(): [bytes(437) for _ in range(100)]
workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers: worker.start()
codes = []
for number in range(FORKS):
    child = os.fork()
    if child == 0:
        [bytes(300) for _ in range(10)]
        os._exit(number % 7)
    codes.append(os.waitpid(child, 0)[1] >> 8)
stop.set()
for worker in workers: worker.join()
print(codes == [number % 7 for number in range(FORKS)])
""".replace("FORKS", str(forks)))
    equal((run.out, run.code), ("True\n", 0), "output and exit code\n%s" % run)
    traces = box.traces(run)
    equal(len(traces), forks + 1, "traces")
    equal({trace.end is not None for trace in traces}, {True}, "traces with an end")
    # A child starts with what it inherited, and lives only as long as it takes to make ten more.
    for trace in traces[1:]:
        equal(births(trace, size_of(box, 300)), 10, "allocations of child %d" % trace.pid)


@interpreters()
def test_the_program_does_not_see_our_processes(box):
    run = box.script("""\
import os, signal
seen = []
signal.signal(signal.SIGCHLD, lambda *rest: seen.append(1))
import atexit
def last():
    try:
        print("child", os.waitpid(-1, 0))
    except ChildProcessError:
        print("no children", seen)
atexit.register(last)
""").succeeds()
    equal(run.out, "no children []\n", "output")


@interpreters()
@cases([True, False])
def test_a_program_that_adopts_orphans_gets_none_of_ours(box, launcher):
    """As the first process of a container does."""
    run = box.script("""\
import ctypes, os, time
if ctypes.CDLL(None).prctl(36, 1): raise SystemExit("ctypes")
child = os.fork()
if child == 0:
    kept = [[number] for number in range(50000)]
    os._exit(3)
seen = [os.waitpid(-1, 0) == (child, 3 << 8)]
for _ in range(30):
    try: seen.append(os.waitpid(-1, os.WNOHANG))
    except ChildProcessError: pass
    time.sleep(0.01)
print(seen)
""", launcher=launcher)
    if "ctypes" in run.err:
        box.skip("this build has no ctypes")
    equal((run.out, run.code), ("[True]\n", 0), "children that the program sees end\n%s" % run)
    expect(all(trace.last_snapshot for trace in box.traces(run)), "a snapshot each")


def test_programs_without_a_runtime_leave_no_file(box):
    box.need("cc")
    source = box.write("a.c", "int main(void) { return 0; }\n")
    for command in (["sh", "-c", "ls / >/dev/null; true"], ["cc", "-o", box.path("a.out"), source], ["ls", "/"],
                    ["perl", "-e", "print 1"], ["bash", "-c", "for i in 1 2 3; do /bin/true; done"]):
        box.need(command[0])
        folder = box.folder_for_run()
        plain = box.command(command)
        run = box.command(command, env=box.preload(folder))
        equal((run.out, run.err, run.code), (plain.out, plain.err, plain.code), "streams and exit code of %s" % command[0])
        left = os.listdir(folder) if os.path.isdir(folder) else []
        equal(left, [], "files left by %s" % command[0])


def test_the_launcher_says_when_nothing_was_recorded(box):
    run = box.record(command=["sh", "-c", "echo out; exit 5"])
    equal((run.out, run.code), ("out\n", 5), "a program without a runtime")
    expect(1 <= len(run.err.splitlines()) <= 3 and "ouro" in run.err, "stderr: %r" % run.err)


def test_the_launcher_says_when_there_is_no_such_program(box):
    run = box.record(command=["/nonexistent/program"])
    equal((run.out, run.code), ("", 127), "a program that does not exist")
    equal(len(run.err.splitlines()), 1, "lines on stderr: %r" % run.err)
    expect("/nonexistent/program" in run.err, "the message does not name it: %r" % run.err)
    run = box.record(command=[box.write("data", "no program")])
    equal(run.code, 126, "a file that cannot be executed")


@interpreters(lambda python: python.supported and "shared" in python.kinds)
@cases([1, 2, 100])
@timeout(180)
def test_a_runtime_loaded_later_is_noticed(box, times):
    """A C program that opens libpython with dlopen after main() has begun, and starts and ends it several times."""
    box.need("cc")
    program = box.path("host")
    box.command(["cc", "-o", program, os.path.join(PROGRAMS, "host.c"), "-ldl"]).succeeds()
    library = box.program("-c", "import sysconfig as s; print(s.get_config_var('LIBDIR') + '/' + s.get_config_var('LDLIBRARY'))").out.strip()
    if not os.path.exists(library):
        library = library.rsplit(".so", 1)[0] + ".so.1.0"
    home = box.program("-c", "import sys; print(sys.base_prefix)").out.strip()
    code = ALLOCATE + "kept = [[] for _ in range(500)]\nprint('hello from inside')"
    arguments = [program, library, str(times), code]
    plain = box.command(arguments, env={"PYTHONHOME": home}).succeeds()
    run = box.record(command=arguments, env={"PYTHONHOME": home})
    equal((run.out, run.code), (plain.out, plain.code), "output and exit code\n%s" % run)
    trace = box.traces(run)[0]
    count = births(trace, marked(box))
    equal(count, 321 * times, "allocations that were seen")


INTERPRETERS = """\
import sys
try:
    import _interpreters as interpreters
except ImportError:
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        sys.exit("none")
run = getattr(interpreters, "exec", None) or interpreters.run_string
"""


def record_interpreters(box, program, code=0, **options):
    run = box.script(INTERPRETERS + program, **options)
    if run.err.startswith("none"):
        box.skip("this build has no module for subinterpreters")
    equal((run.out, run.code), ("end\n", code), "output and exit code\n%s" % run)
    return box.trace(run)


@interpreters()
def test_allocations_of_subinterpreters_are_counted(box):
    """One after the other, so that addresses come again, and several in turn."""
    trace = record_interpreters(box, """\
for _ in range(3):
    others = [interpreters.create() for _ in range(4)]
    for _ in range(5):
        for other in others: run(other, "for _ in range(20): bytes(437)")
    for other in others: interpreters.destroy(other)
print("end")
""")
    equal(births(trace, marked(box)), 3 * 4 * 5 * 20, "allocations")
    expect(trace.last_snapshot is not None, "no snapshot")


@interpreters()
@timeout(240)
def test_more_interpreters_come_and_go_than_are_known_at_a_time(box):
    trace = record_interpreters(box, """\
for count in (70, 30):
    others = [interpreters.create() for _ in range(count)]
    for _ in range(2):
        for other in others: run(other, "for _ in range(20): bytes(437)")
    for other in others: interpreters.destroy(other)
print("end")
""", options=["--no-snapshot"])
    equal(births(trace, marked(box)), 100 * 2 * 20, "allocations of 100 interpreters, 70 of them at the same time")


@interpreters()
def test_interpreters_run_at_the_same_time(box):
    """From 3.12 on each with a lock of its own."""
    trace = record_interpreters(box, """\
import threading
def work():
    other = interpreters.create()
    for _ in range(3): run(other, "kept = [bytes(437) for _ in range(2000)]; import gc; gc.collect()")
    interpreters.destroy(other)
workers = [threading.Thread(target=work) for _ in range(4)]
for worker in workers: worker.start()
for worker in workers: worker.join()
print("end")
""")
    equal(births(trace, marked(box)), 4 * 3 * 2000, "allocations")


@interpreters()
def test_a_subinterpreter_may_end_the_process(box):
    trace = record_interpreters(box, """\
kept = [[] for _ in range(1000)]
print("end", flush=True)
run(interpreters.create(), "import os; kept = [{} for _ in range(1000)]; os._exit(6)")
""", code=6)
    expect(trace.end is not None, "the trace has no end")
    # Where interpreters have locks of their own, the main one must not be read from another.
    told = any("subinterpreter" in text for _, text in trace.notes)
    equal((trace.last_snapshot is not None, told), (not told, box.python.minor >= (3, 12)), "snapshot, and a note that there is none")


@interpreters()
def test_an_exec_that_fails_leaves_nothing(box):
    """Neither a trace of the child that could not become another program, nor a void end per folder of PATH."""
    run = box.script("""\
import os, subprocess
for _ in range(3):
    try: subprocess.run(["/nonexistent/program"])
    except FileNotFoundError: print("not found")
os.environ["PATH"] = "/nonexistent:/tmp:/usr/bin:/bin"
try: os.execvp("no-such-program-anywhere", ["x"])
except FileNotFoundError: print("not found")
""").succeeds()
    equal(run.out, "not found\n" * 4, "output")
    trace = box.trace(run)
    equal([kind for kind, stream, _, _ in trace.chunks].count(12), 1, "ends")


@interpreters()
def test_exec_with_another_environment(box):
    """What is executed is recorded when it gets our variables along, and left alone when it does not."""
    box.write("second.py", ALLOCATE + "import os; print(sorted(os.environ))")
    for given, traces in (("{'A': '1'}", 1), ("{'A': '1', 'LD_PRELOAD': os.environ['LD_PRELOAD'], 'OURO_OUT': os.environ['OURO_OUT']}", 2)):
        run = box.script("""\
import os, sys
print("first", flush=True)
os.execve(sys.executable, [sys.executable, "second.py"], %s)
""" % given).succeeds()
        lines = run.out.splitlines()
        expect(lines[0] == "first" and "'A'" in lines[1], "output: %s" % run.out)
        equal("OURO_OUT" in lines[1], traces == 2, "OURO_OUT in the environment")
        found = box.traces(run)
        equal(len(found), traces, "traces of a program that executes another with the environment %s" % given)
        expect(all(trace.end for trace in found), "a trace has no end")
        equal(sum(births(trace, marked(box)) for trace in found), 321 * (traces - 1), "allocations recorded")


@interpreters()
def test_a_relative_folder_is_that_of_the_start(box):
    """The folder in OURO_OUT is one folder for all processes, wherever they are started."""
    box.write("second.py", "print('second')")
    os.mkdir(box.path("elsewhere"))
    program = box.write("program.py", """\
import os, subprocess, sys
os.chdir("elsewhere")
subprocess.run([sys.executable, "../second.py"], check=True)
os.system("%s ../second.py" % sys.executable)
os.execv(sys.executable, [sys.executable, "../second.py"])
""")
    run = box.record(program, launcher=False, env={"OURO_OUT": "run.ouro"})
    equal((run.out, run.code), ("second\n" * 3, 0), "output and exit code\n%s" % run)
    equal(os.listdir(box.path("elsewhere")), [], "files in the folder that the program went to")
    run.folder = box.path("run.ouro")
    equal(len(run.traces), 4, "traces")


@interpreters()
def test_posix_spawn_is_followed(box):
    box.write("child.py", ALLOCATE)
    run = box.script("""\
import os, sys
for _ in range(3):
    child = os.posix_spawn(sys.executable, [sys.executable, "child.py"], os.environ)
    print(os.waitpid(child, 0)[1])
try: os.posix_spawn("/nonexistent/program", ["x"], os.environ)
except FileNotFoundError: print("not found")
""").succeeds()
    equal(run.out, "0\n" * 3 + "not found\n", "output")
    equal([births(trace, marked(box)) for trace in box.traces(run)], [0, 321, 321, 321], "allocations")


@interpreters()
def test_a_child_that_no_fork_handler_saw_writes_nothing(box):
    """clone() by its number: the child has the parent's descriptor and its counters."""
    run = box.script("""\
import ctypes, gc, os, signal
clone = ctypes.CDLL(None).syscall
child = clone(ctypes.c_long(56), ctypes.c_long(signal.SIGCHLD), None, None, None, None)
for _ in range(3):
    kept = [bytes(437) for _ in range(321)]
    gc.collect()
if child == 0: os._exit(0)
print(os.waitpid(child, 0)[1])
""", options=["--epoch", "4096"])
    if "ctypes" in run.err:
        box.skip("this build has no ctypes")
    equal((run.succeeds().out), "0\n", "output")
    equal(births(box.trace(run), marked(box)), 3 * 321, "allocations in the trace of the parent")
