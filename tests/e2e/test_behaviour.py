# SPDX-License-Identifier: MIT
"""The program behaves as without us: output, exit code, signals, arguments, environment, streams."""

import json
import os
import signal

from harness import PROGRAMS, cases, equal, expect, interpreters

BOTH_WAYS = [True, False]


def compare(box, *arguments, launcher=True, **options):
    """The program plain and recorded gives the same streams and the same exit code."""
    plain = box.program(*arguments, **options)
    run = box.record(*arguments, launcher=launcher, **options)
    equal(run.out, plain.out, "stdout of the recorded program (launcher: %s)" % launcher)
    if not launcher:
        equal(run.err, plain.err, "stderr of the recorded program")
    else:
        expect(run.err.startswith(plain.err), lambda: "stderr of the program was changed\n%s\n%s" % (plain, run))
    # A shell's convention for signals, which the launcher follows.
    wanted = 128 - plain.code if launcher and plain.code < 0 else plain.code
    equal(run.code, wanted, "exit code (launcher: %s)" % launcher)
    return plain, run


@interpreters()
@cases(BOTH_WAYS)
def test_output_and_exit_code_are_the_programs(box, launcher):
    program = box.write("program.py", """\
import sys
print("to stdout")
print("to stderr", file=sys.stderr)
sys.exit(int(sys.argv[1]))
""")
    for code in (0, 1, 7, 255):
        compare(box, program, str(code), launcher=launcher)
    compare(box, "-c", "import sys; sys.exit('a message')", launcher=launcher)
    compare(box, "-c", "raise SystemError('never caught')", launcher=launcher)


@interpreters()
@cases(["SIGKILL", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGINT"])
def test_death_by_a_signal_is_passed_on(box, name):
    program = "import os, signal; signal.signal(%d, signal.SIG_DFL) if %d != 9 else 0; os.kill(os.getpid(), %d)"
    number = int(getattr(signal, name))
    for launcher in BOTH_WAYS:
        compare(box, "-c", program % (number, number, number), launcher=launcher)


@interpreters()
def test_signals_sent_to_the_launcher_reach_the_program(box):
    program = box.write("program.py", """\
import os, signal, sys, time
def handler(number, frame):
    print("caught", number, flush=True)
    sys.exit(3)
signal.signal(signal.SIGTERM, handler)
os.kill(os.getppid(), signal.SIGTERM)
time.sleep(30)
""")
    run = box.record(program)
    equal((run.out, run.code), ("caught 15\n", 3), "a program that handles the launcher's SIGTERM")


@interpreters()
@cases(BOTH_WAYS)
def test_arguments_and_environment_are_unchanged(box, launcher):
    program = box.write("program.py", """\
import json, os, sys
own = ("OURO_", "LD_PRELOAD")
print(json.dumps([sys.argv, sys.executable, sys.flags[:], sys.path, os.getcwd(),
    sorted((k, v) for k, v in os.environ.items() if not k.startswith(own))]))
""")
    compare(box, "-X", "utf8", program, "--option", "-o", "x y", "--", "ü", "", launcher=launcher)


@interpreters()
@cases(BOTH_WAYS)
def test_an_interpreter_looks_the_same_from_inside(box, launcher):
    program = box.write("program.py", """\
import gc, signal, sys, threading
try:
    import tracemalloc
    traced = tracemalloc.is_tracing()
except ImportError:
    traced = None
value = object()
print(gc.callbacks, gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.garbage, gc.get_freeze_count())
print(sys.getrefcount(value), sys.gettrace(), sys.getprofile(), traced, threading.active_count())
print([str(signal.getsignal(n)) for n in (2, 10, 12, 13, 14, 15, 17)], signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(sorted(name for name in sys.modules if "ouro" in name), sys.getrecursionlimit(), sys.getswitchinterval())
print(sorted(vars(sys.modules["__main__"])), hasattr(sys, "monitoring") and sys.monitoring.get_tool(5))
""")
    compare(box, program, launcher=launcher)


@interpreters()
def test_open_files_are_the_programs_own(box):
    """Descriptors that a program gets are the lowest, as without us, and none is handed to children."""
    program = box.write("program.py", """\
import os, subprocess, sys
files = [os.open("/dev/null", os.O_RDONLY) for _ in range(3)]
print(files)
code = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:3])"
print(subprocess.run([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE).stdout)
os.closerange(3, 256)
print(subprocess.run(["ls", "/proc/self/fd"], stdout=subprocess.PIPE, close_fds=False).stdout)
""")
    _, run = compare(box, program)
    report = box.report(run)
    expect(report["heap"]["objects"] > 0, "a program that closes all descriptors is not recorded to its end")


@interpreters()
def test_standard_input_is_passed_through(box):
    program = "import sys; data = sys.stdin.read(); print(len(data), data[:3])"
    _, run = compare(box, "-c", program, stdin="ab\n" * 50000)
    equal(run.out, "150000 ab\n\n", "a program that reads stdin")


@interpreters()
@cases(["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_survived(box, closing):
    program = box.write("program.py", "import os; os.open('/dev/null', 0); open('done', 'w').close()")
    folder = box.folder_for_run()
    box.command(["sh", "-c", 'exec %s run -o %s -- "$0" "$@" %s' % (box.ouro, folder, closing), box.python.path, program])
    expect(os.path.exists(box.path("done")), "the program did not run with %s" % closing)
    expect(box.report(folder)["heap"]["objects"] > 0, "nothing was recorded with %s" % closing)


@interpreters()
@cases(BOTH_WAYS)
def test_an_unwritable_folder_does_no_harm(box, launcher):
    box.write("occupied", "a file where a folder should be")
    arguments = ["-c", "print('still here')"]
    run = box.record(*arguments, launcher=launcher, folder=box.path("occupied/run.ouro"))
    if launcher and run.code == 2:
        # The launcher may refuse before the program starts, in one line.
        equal((run.out, len(run.err.splitlines())), ("", 1), "refusal of a folder that cannot be made")
        return
    equal((run.out, run.code), ("still here\n", 0), "a program whose run folder cannot be made")
    equal(len(run.err.splitlines()), 1, "lines on stderr: %r" % run.err)
    expect(run.err.startswith("ouro: "), "the line on stderr says who speaks: %r" % run.err)


@interpreters()
def test_a_full_disk_ends_the_recording_not_the_program(box):
    if os.geteuid() != 0:
        box.skip("mounting a small file system needs root")
    mount = box.path("small")
    os.mkdir(mount)
    if box.command(["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k none %s" % mount]).code:
        box.skip("no file system can be mounted here")
    script = 'mount -t tmpfs -o size=64k none "$0" && exec env LD_PRELOAD=%s OURO_OUT="$0/run.ouro" "$@"' % box.shim
    program = "import json; rows = [json.loads('{\"a\": [1, \"x\"]}') for _ in range(20000)]; print(len(rows))"
    run = box.command(["unshare", "-m", "sh", "-c", script, mount, box.python.path, "-c", program])
    equal((run.out, run.code), ("20000\n", 0), "a program whose disk is full\n%s" % run)
    lines = run.err.splitlines()
    expect(len(lines) <= 2 and all(line.startswith("ouro: ") for line in lines), "lines on stderr: %r" % run.err)


@interpreters()
def test_a_program_may_lock_its_memory(box):
    """What is reserved for our tables, gigabytes of address space, is not locked with it."""
    program = box.write("program.py", """\
import ctypes, sys
if ctypes.CDLL(None).mlockall(3): sys.exit("may not")
kept = [bytes(300) for _ in range(20000)]
for line in open("/proc/self/status"):
    if line.startswith("VmRSS:"): print(line.split()[1])
""")
    plain = box.program(program)
    if plain.err:
        box.skip("memory cannot be locked here, or this build has no ctypes")
    resident = int(box.record(program).succeeds().out)
    expect(resident < int(plain.out) + 100 * 1024, "resident memory with all of it locked: %d KiB, without us %s" % (resident, plain.out))


@interpreters()
def test_files_of_a_run_are_private(box):
    run = box.record("-c", "pass").succeeds()
    equal(oct(os.stat(run.folder).st_mode & 0o777), "0o700", "mode of the run folder")
    for trace in run.traces:
        equal(oct(os.stat(trace).st_mode & 0o777), "0o600", "mode of a trace")


@interpreters()
def test_summary_is_short_and_says_what_comes_next(box):
    run = box.sample("tree.py")
    lines = run.err.splitlines()
    expect(3 <= len(lines) <= 25, "the summary has %d lines\n%s" % (len(lines), run.err))
    for word in ("Node", ".parent", "tree.py:", run.folder, "ouro report"):
        expect(word in run.err, "the summary does not say %r\n%s" % (word, run.err))


@interpreters()
def test_a_run_without_a_name_is_called_after_the_program(box):
    box.write("app.py", "print('hello')")
    run = box.command([box.ouro, "run", "--", box.python.path, "app.py"]).succeeds()
    equal(run.out, "hello\n", "output")
    folders = [name for name in os.listdir(box.folder) if name.endswith(".ouro")]
    expect(len(folders) == 1, "run folders in the working directory: %s" % folders)


@interpreters()
def test_hooks_of_the_collector_see_what_they_saw_before(box):
    compare(box, os.path.join(PROGRAMS, "collector.py"))


@interpreters()
def test_weak_references_and_finalizers_run_as_before(box):
    compare(box, os.path.join(PROGRAMS, "finalizers.py"))


@interpreters()
def test_exit_callbacks_run_in_their_order_and_once(box):
    program = box.write("program.py", """\
import atexit, threading, time
for number in range(3):
    atexit.register(print, "callback", number)
atexit.register(lambda: atexit.register(print, "registered late"))
def late():
    time.sleep(0.2)
    print("thread ends")
threading.Thread(target=late).start()
class Loud:
    def __del__(self): print("dies")
keep = Loud()
loud = Loud(); loud.me = loud
print("main ends")
""")
    compare(box, program)


@interpreters()
def test_user_code_does_not_run_for_the_snapshot(box):
    """Neither __sizeof__, __repr__, __hash__, __eq__ nor __getattribute__ written in Python is called."""
    program = box.write("program.py", """\
def speak(name):
    def method(self, *rest):
        print("called", name)
        raise RuntimeError(name)
    return method
names = ("__sizeof__", "__repr__", "__str__", "__hash__", "__eq__", "__getattribute__", "__getattr__", "__len__", "__iter__",
         "__bool__", "__format__", "__dir__", "__reduce_ex__", "__class_getitem__", "__bytes__", "__index__", "__del__")
Loud = type("Loud", (), {name: speak(name) for name in names if name != "__del__"})
class Text(str):
    __hash__ = speak("str.__hash__"); __eq__ = speak("str.__eq__"); __len__ = speak("str.__len__")
class Number(int):
    __hash__ = speak("int.__hash__"); __eq__ = speak("int.__eq__")
class Table(dict):
    __getitem__ = speak("dict.__getitem__"); keys = items = __iter__ = speak("dict.__iter__")
kept = [Loud() for _ in range(10)] + [Text("same text") for _ in range(10)] + [Number(5000) for _ in range(10)]
table = Table(a=1)
import os
print("end of program", flush=True)
os._exit(0) if __import__("sys").argv[1:] else None
""")
    for arguments in ([], ["now"]):
        plain, run = compare(box, program, *arguments)
        equal(run.out, "end of program\n", "output")
        expect(box.report(run)["heap"]["objects"] > 0, "no snapshot was taken")


@interpreters()
def test_json_report_describes_the_program(box):
    program = box.write("app.py", "import sys; sys.exit(4)")
    run = box.record(program, "--flag", "a b")
    about = box.report(run)["run"]
    equal(about["argv"][-3:], [program, "--flag", "a b"], "argv")
    expect(".".join(map(str, box.python.version)) in about["runtime"], "runtime: %r" % about["runtime"])
    equal(about["exit_status"], 4, "exit status")
    equal(about["truncated"], False, "truncated")
    expect(json.dumps(about), "run")
