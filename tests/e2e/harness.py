# SPDX-License-Identifier: MIT
"""What the end-to-end tests stand on: interpreters, a box per test, assertions that explain.

A test is a function `test_…(box)` in a module `test_….py`. Its name reads as a statement about the
product. `@interpreters(...)` runs it once for each interpreter that fits, `@cases(...)` once for
each value; `@timeout(seconds)` overrides the bound of a minute and a half, `@slow` keeps it out of the
usual runs. A test fails by an exception, is skipped by
`box.skip(reason)`, and never waits for anything longer than its time allows.
"""

import contextlib
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = os.path.join(HERE, "programs")
SAMPLES = os.path.join(ROOT, "samples")
DEFAULT_TIMEOUT = 90

# What the shell running the tests may have set and a test must not inherit.
FOREIGN = re.compile(r"^(OURO_|PYTHON|PYENV_VERSION|LD_PRELOAD|MALLOC_)")


class Failed(AssertionError):
    pass


class Skipped(Exception):
    pass


class Interpreter:
    def __init__(self, id, version, path, kind):
        self.id, self.path, self.kinds = id, path, set(kind.split(","))
        numbers = re.findall(r"\d+", version)
        self.lockless = "free-threaded" in self.kinds
        self.version = tuple(int(n) for n in numbers[:3])
        self.minor = self.version[:2]
        self.supported = "unsupported" not in self.kinds

    def __repr__(self):
        return self.id


def read_interpreters(text):
    """Interpreters from lines of `./dev interpreters --list`, and the reasons for those missing."""
    found, missing = [], []
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) < 3 or line.startswith("#"):
            continue
        if fields[0] == "MISSING":
            missing.append((fields[1], fields[2]))
        else:
            found.append(Interpreter(*fields[:4]))
    return found, missing


# --- declaring tests ---------------------------------------------------------------------------


def supported(python):
    return python.supported


def unsupported(python):
    return not python.supported


def interpreters(fits=supported):
    def mark(function):
        function.fits = fits
        return function

    return mark


def cases(values):
    def mark(function):
        function.cases = list(values)
        return function

    return mark


def slow(function):
    """Takes minutes: runs only when asked for, `./dev test --slow`."""
    function.slow = True
    return function


def timeout(seconds):
    def mark(function):
        function.timeout = seconds
        return function

    return mark


# --- assertions --------------------------------------------------------------------------------


def shorten(value, limit=1500):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit // 2] + " […] " + text[-limit // 2 :]


def fail(message):
    raise Failed(message)


def expect(condition, message):
    if not condition:
        raise Failed(message() if callable(message) else message)


def equal(got, wanted, what):
    if got != wanted:
        raise Failed("%s\n  wanted: %s\n  got:    %s" % (what, shorten(wanted), shorten(got)))


def same_counts(got, wanted, what):
    """Two {key: number}: a failure lists only the keys that differ."""
    differing = {
        key: (wanted.get(key, 0), got.get(key, 0))
        for key in sorted(set(got) | set(wanted), key=str)
        if wanted.get(key, 0) != got.get(key, 0)
    }
    if differing:
        lines = ["  %s: wanted %s, got %s" % (key, w, g) for key, (w, g) in list(differing.items())[:25]]
        if len(differing) > 25:
            lines.append("  … and %d more" % (len(differing) - 25))
        raise Failed(what + "\n" + "\n".join(lines))


# --- running programs --------------------------------------------------------------------------


class Result:
    def __init__(self, command, code, out, err, seconds):
        self.command, self.code, self.out, self.err, self.seconds = command, code, out, err, seconds

    def __str__(self):
        return "%s\n  exit %s, %.1f s\n  stdout: %s\n  stderr: %s" % (
            " ".join(self.command), self.code, self.seconds, shorten(self.out), shorten(self.err))

    def succeeds(self, code=0):
        expect(self.code == code, lambda: "exit code %s, wanted %s\n%s" % (self.code, code, self))
        return self


class Run(Result):
    """A recorded program: its result, and the folder with its traces."""

    folder = None

    @property
    def traces(self):
        return sorted(glob.glob(os.path.join(self.folder, "*.trace")))


class Box:
    """One test's folder, interpreter, time and commands."""

    def __init__(self, build, python, seconds):
        self.build, self.python = build, python
        self.deadline = time.monotonic() + seconds
        # Short and without the test's name: it appears in command lines that are compared.
        self.folder = tempfile.mkdtemp(prefix="ouro-e2e-")
        self.log = []
        self.runs = 0

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def skip(self, reason):
        raise Skipped(reason)

    def need(self, *programs):
        for program in programs:
            if not shutil.which(program):
                self.skip("%s is not installed" % program)

    def package(self, name):
        """The folder of an npm package that ./dev test --viewers has installed."""
        folder = os.path.join(os.environ.get("OURO_VIEWERS", ""), "node_modules", name)
        if not os.path.isabs(folder) or not os.path.isdir(folder):
            self.skip("the npm package %s is not installed: ./dev test --viewers does that" % name)
        return folder

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    @property
    def ouro(self):
        return os.path.join(self.build, "ouro")

    @property
    def shim(self):
        for name in ("libouro.so", "preload/libouro.so"):
            if os.path.exists(os.path.join(self.build, name)):
                return os.path.join(self.build, name)
        return os.path.join(self.build, "libouro.so")

    def environment(self, extra=None):
        """A plain environment; extra adds to it, and removes where the value is None."""
        environment = {k: v for k, v in os.environ.items() if not FOREIGN.match(k)}
        environment.update({"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"})
        for name, value in (extra or {}).items():
            environment[name] = value
            if value is None:
                del environment[name]
        return environment

    def preload(self, run):
        """The environment by which a program is recorded without the launcher."""
        return {"LD_PRELOAD": self.shim, "OURO_OUT": run}

    def command(self, command, env=None, stdin=None, cwd=None, kind=Result, settle=False, **options):
        """Runs a command to its end; its whole process group is gone afterwards.

        With settle what it left behind may come to its own end: a photograph that is still written.
        """
        command = [str(part) for part in command]
        left = self.deadline - time.monotonic()
        expect(left > 0, "out of time before: " + " ".join(command))
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd or self.folder, env=self.environment(env), start_new_session=True,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=options.pop("stdout", subprocess.PIPE), stderr=options.pop("stderr", subprocess.PIPE), **options)
        try:
            out, err = process.communicate(stdin.encode() if stdin is not None else None, timeout=left)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            fail("no end after %.0f s: %s\n  stdout: %s\n  stderr: %s" % (
                left, " ".join(command), shorten(decode(out)), shorten(decode(err))))
        finally:
            while settle and session_lives(process.pid) and time.monotonic() < self.deadline:
                time.sleep(0.02)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        result = kind(command, process.returncode, decode(out), decode(err), time.monotonic() - start)
        self.log.append(result)
        return result

    def program(self, *arguments, **options):
        """The interpreter of this test, without us."""
        return self.command([self.python.path, *arguments], **options)

    def folder_for_run(self):
        self.runs += 1
        return self.path("run%d.ouro" % self.runs)

    def record(self, *arguments, launcher=True, command=None, folder=None, options=(), env=None, **rest):
        """The same under ouro: through the launcher, or by the environment alone."""
        folder = folder or self.folder_for_run()
        command = list(command or [self.python.path]) + list(arguments)
        if launcher:
            command = [self.ouro, "run", "-o", folder, *options, "--", *command]
        else:
            env = dict(self.preload(folder), **(env or {}))
        run = self.command(command, env=env, kind=Run, settle=not launcher, **rest)
        run.folder = folder
        return run

    def sample(self, name, **options):
        """Records a sample, which must end well."""
        return self.record(os.path.join(SAMPLES, name), **options).succeeds()

    def sample_at_fixed_addresses(self, name, *options):
        """The same where no address is random, so that whatever depends on one does not differ."""
        self.need("setarch")
        if self.command(["setarch", "-R", "true"]).code:
            self.skip("addresses cannot be made the same here (setarch -R)")
        return self.record(*options, os.path.join(SAMPLES, name), command=["setarch", "-R", self.python.path]).succeeds()

    def script(self, text, name="program.py", **options):
        return self.record(self.write(name, text), **options)

    def report(self, run, *options):
        folder = run if isinstance(run, str) else run.folder
        result = self.command([self.ouro, "report", folder, "--format", "json", *options]).succeeds()
        try:
            return json.loads(result.out)
        except ValueError as error:
            fail("ouro report does not print JSON: %s\n%s" % (error, result))

    def traces(self, run):
        """All traces of a run, read by the tests' own reader, parents first."""
        import tracefile

        if tracefile.missing():
            self.skip(tracefile.missing())
        expect(run.traces, lambda: "the run folder has no trace\n%s" % run)
        traces = [tracefile.Trace(path) for path in run.traces]
        return sorted(traces, key=lambda t: (bool(t.parent_trace), t.path))

    def trace(self, run):
        """The only trace of a run of one process."""
        traces = self.traces(run)
        equal(len(traces), 1, "number of traces in the run folder")
        return traces[0]


def session_lives(session):
    """Whether a process of the session still runs; the dead that nobody waited for do not count."""
    for stat in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError), open(stat, "rb") as file:
            state, _, _, its_session = file.read().rpartition(b")")[2].split()[:4]
            if int(its_session) == session and state not in (b"Z", b"X"):
                return True
    return False


def decode(data):
    return (data or b"").decode("utf-8", "backslashreplace")


# --- self-identifying allocations ----------------------------------------------------------------


def size_of(box, length):
    """The size of bytes(length), which no other object of the program has."""
    return 33 + length + (16 if box.python.lockless else 0)


def made_by_program(trace, size):
    """Rows of blocks of that size that the test's own program made, not the library."""
    own = ("program.py", "child.py", "second.py", "<string>", "<script>")
    for row in trace.rows:
        stack = trace.stack(row.site) if row.size == size else []
        if stack and os.path.basename(stack[0][0]) in own:
            yield row


def births(trace, size):
    return sum(row.births for row in made_by_program(trace, size))
