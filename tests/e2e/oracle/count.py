# SPDX-License-Identifier: MIT
"""Counts the heap from inside the program, at the last moment before it is photographed.

python -S count.py OUT PROGRAM runs PROGRAM as the main module. When it ends, a forked child counts what
gc.get_objects() knows, by type, then lets the collector run with DEBUG_SAVEALL and counts what it
found; DEBUG_COLLECTABLE tells how many objects it found before it ran their finalizers, which may
already have taken cycles apart (a generator's does), and where. All goes as JSON into the file OUT. The program
itself only forks and waits, so its heap stays as it is. Without -S, site-packages may register exit
callbacks that run after the count.
"""

import atexit
import ctypes
import gc
import json
import os
import signal
import sys

# os.fork() refuses to work in an atexit callback from 3.12 on; libc's does not ask.
_fork = ctypes.PyDLL(None).fork
_module_of = type.__dict__["__module__"].__get__


def _name(kind):
    module = _module_of(kind)
    return kind.__qualname__ if module == "builtins" else "%s.%s" % (module, kind.__qualname__)


def _by_type(objects, but):
    counts = {}
    for found in objects:
        if found is not but:
            kind = type(found)
            counts[kind] = counts.get(kind, 0) + 1
    named = {}
    for kind, count in counts.items():
        named[_name(kind)] = named.get(_name(kind), 0) + count
    return named


def _count():
    objects = gc.get_objects()
    tracked = _by_type(objects, sys._getframe())
    del objects
    listed = os.open(_OUT + ".listed", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.dup2(listed, 2)
    before, frozen = len(gc.garbage), gc.get_freeze_count()
    gc.set_debug(gc.DEBUG_SAVEALL | gc.DEBUG_COLLECTABLE)
    gc.collect()
    gc.set_debug(0)
    sys.stderr.flush()
    garbage = _by_type(gc.garbage[before:], None)
    with open(_OUT + ".listed", "rb") as lines:
        found = [line.split()[-1].rstrip(b">").decode() for line in lines if line.startswith(b"gc: collectable <")]
    with open(_OUT, "w") as out:
        json.dump({"tracked": tracked, "garbage": garbage, "found": len(found), "addresses": found, "frozen": frozen}, out)


def _at_exit():
    child = _fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        _count()
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


atexit.register(_at_exit)
_OUT = sys.argv[1]
sys.argv[:] = sys.argv[2:]
sys.path[0] = os.path.dirname(sys.argv[0])
gc.collect()  # What importing the above left behind is not the program's.
with open(sys.argv[0], "rb") as _source:
    exec(compile(_source.read(), sys.argv[0], "exec"))
