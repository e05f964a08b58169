# SPDX-License-Identifier: MIT
"""Objects that may be unwanted but are reachable, and things that look like leaks and are none."""

import abc
import atexit
import contextvars
import copyreg
import functools
import gc
import logging
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

gc.collect()
gc.disable()


class Thing:
    number = 0

    @functools.lru_cache(maxsize=None)
    def cached(self):
        return 1


def made(count=20):
    things = [Thing() for _ in range(count)]
    for thing in things:
        thing.me = thing  # a cycle, if nothing held it
    return things


# Caches and registries.
for _thing in made():
    _thing.cached()
HANDLERS = []


class Handler:
    def __init__(self):
        self.me = self
        HANDLERS.append(self.handle)

    def handle(self):
        pass


for _ in range(20):
    Handler()
for _thing in made():
    atexit.register(lambda thing=_thing: None)
WEAK_KEYS = weakref.WeakKeyDictionary()
for _thing in made():
    WEAK_KEYS[_thing] = [_thing]


class Registry(type):
    known = []

    def __init__(cls, name, bases, names):
        super().__init__(name, bases, names)
        Registry.known.append(cls)


for _number in range(20):
    Registry("Plugin%d" % _number, (), {})


@functools.singledispatch
def show(thing):
    return str(thing)


for _number in range(10):
    show.register(type("Shown%d" % _number, (), {}), repr)
for _number in range(10):
    copyreg.pickle(type("Pickled%d" % _number, (), {}), str)
for _thing in made():
    logging.getLogger("request.%d" % id(_thing)).thing = _thing

# The runtime keeps these for the program.
sys.last_value = made()[0]
VARIABLE = contextvars.ContextVar("variable")
for _thing in made():
    VARIABLE.set((_thing, VARIABLE.get(None)))


class Phoenix:
    kept = []

    def __del__(self):
        self.me = self
        Phoenix.kept.append(self)


for _ in range(20):
    Phoenix()

# A thread that lives holds its arguments.
stop = threading.Event()
for _ in range(3):
    threading.Thread(target=lambda things: stop.wait(), args=(made(),), daemon=True).start()

# No leak at all.


class Base(abc.ABC):
    pass


for _number in range(20):
    Base.register(type("Virtual%d" % _number, (), {"registry": Registry.known}))
with ThreadPoolExecutor(2) as pool:
    list(pool.map(len, [[1], [2]]))
del _thing, pool
gc.collect()  # the classes that abc only knows weakly
