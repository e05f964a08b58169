# SPDX-License-Identifier: MIT
"""Who runs in a benchmark, and how each starts a program.

A contender has a name and a command line around `PYTHON PROGRAM ARGUMENTS`. Those that write files get
a folder of their own for each run.
"""

import os
import re
import shutil
import subprocess

CLEAN = re.compile(r"^(OURO_|PYTHON|LD_PRELOAD)")


class Contender:
    def __init__(self, name, environment=None, options=(), wrapper=None, every=1, peer=False):
        self.name, self.every, self.peer = name, every, peer
        self._environment, self._options, self._wrapper = environment or {}, list(options), wrapper

    def start(self, python, arguments, folder):
        """(command, environment) of one run that may write into the folder."""
        fill = {"folder": folder}
        environment = {k: v for k, v in os.environ.items() if not CLEAN.match(k)}
        environment.update({"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"})
        environment.update({name: value % fill for name, value in self._environment.items()})
        command = [python, *self._options, *arguments]
        if self._wrapper:
            command = [part % fill for part in self._wrapper(python)] + command[self._wrapper.skip:]
        return command, environment


class Wrapper:
    """A command in front; skip is the number of leading words of the plain command it replaces."""

    def __init__(self, words, skip=0):
        self.words, self.skip = words, skip

    def __call__(self, python):
        return [python if word is None else word for word in self.words]


def ouro(shim, name="ouro", every=1, **more):
    environment = {"LD_PRELOAD": shim, "OURO_OUT": "%(folder)s/run.ouro"}
    environment.update(more)
    return Contender(name, environment, every=every)


def has_memray(python):
    command = [python, "-m", "memray", "--version"]
    return not subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


def available(shim, python, peers):
    """The contenders for an interpreter, the plain run first."""
    both = "%s:%s" % (shim, os.path.join(os.path.dirname(shim), "libouro-native.so"))
    found = [
        Contender("plain"),
        ouro(shim),
        ouro(shim, "sampled", OURO_SAMPLE="524288"),
        ouro(shim, "lives", every=5, OURO_LIVES="1"),
        ouro(shim, "native", LD_PRELOAD=both, OURO_NATIVE=str(64 << 10)),
    ]
    if peers:
        # Ten times slower than the rest: a fifth of the rounds is enough to say that.
        found.append(Contender("tracemalloc", options=["-X", "tracemalloc=1"], every=5, peer=True))
        if has_memray(python):
            run = [None, "-m", "memray", "run", "--quiet", "--force", "-o", "%(folder)s/memray.bin"]
            found.append(Contender("memray", wrapper=Wrapper(run, skip=1), every=5, peer=True))
            found.append(Contender("memray, native", every=5, peer=True, wrapper=Wrapper(run + ["--native"], skip=1)))
            found.append(Contender("memray, objects", every=5, peer=True,
                                   wrapper=Wrapper(run + ["--trace-python-allocators"], skip=1)))
        if shutil.which("heaptrack"):
            # Without PYTHONMALLOC=malloc it would see none of the objects.
            found.append(Contender("heaptrack", {"PYTHONMALLOC": "malloc"}, every=5, peer=True,
                                   wrapper=Wrapper(["heaptrack", "--raw", "-o", "%(folder)s/heaptrack"])))
    return found

