# SPDX-License-Identifier: MIT
"""Counts the heap from inside the program, at the last moment before it is photographed.

Put on PYTHONPATH by the tests. When the program ends, a forked child counts what gc.get_objects()
knows, by type, then lets the collector run with DEBUG_SAVEALL and counts what it found. Both go as
JSON into the file $ORACLE_OUT. The program itself only forks and waits, so its heap stays as it is.
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
    os.close(2)
    before = len(gc.garbage)
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    garbage = _by_type(gc.garbage[before:], None)
    with open(os.environ["ORACLE_OUT"], "w") as out:
        json.dump({"tracked": tracked, "garbage": garbage, "frozen": gc.get_freeze_count()}, out)


def _at_exit():
    child = _fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        _count()
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


if "ORACLE_OUT" in os.environ:
    atexit.register(_at_exit)
