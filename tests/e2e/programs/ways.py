# SPDX-License-Identifier: MIT
"""Every way to call; for stacks.py, which loads this once for each level under a name of its own.

act() calls the ways of its own level, and those the act() of the next: `below`.
"""
import contextlib
import functools
import gc
import sys
import weakref


class Object:
    def __init__(self, depth):
        bytes(size(3))
        below(depth)

    def __len__(self):
        below(3)
        bytes(size(4))
        return 1

    def __lt__(self, other):
        bytes(size(5))
        return False

    def __del__(self):
        bytes(size(6))

    @property
    def attribute(self):
        return below(2)

    def __enter__(self):
        bytes(size(7))

    def __exit__(self, *what):
        bytes(size(8))
        return True


def numbers(depth):
    bytes(size(9))
    yield below(depth)
    bytes(size(10))
    yield 2
    below(depth)
    yield 3


def delegate(depth):
    yield from numbers(depth)
    bytes(size(11))


async def answer(depth):
    below(depth)
    bytes(size(12))
    await pause()
    bytes(size(13))


class pause:
    def __await__(self):
        bytes(size(14))
        yield
        bytes(size(15))


def call(depth):
    below(depth)
    bytes(size(16))


def call_back(depth):
    list(map(below, (depth, 1)))
    sorted((Object(0), Object(0)))
    functools.reduce(lambda a, b: below(b), (1, 1, 2))


def resume(depth):
    bytes(size(17))
    if suspended and depth % 2:
        with contextlib.suppress(ValueError):  # It may be running.
            next(suspended[depth % len(suspended)], None)
    suspended.append(delegate(depth) if depth % 3 else numbers(depth))
    next(suspended[-1])
    del suspended[:-5]


def loop_over(depth):
    for _ in numbers(depth):
        bytes(size(18))
    return [below(1) for _ in (1, 2)], sum(len(str(below(1))) for _ in (1, 2))


def fail(depth):
    try:
        raise_below(depth + 5)
    except KeyError:
        bytes(size(19))
    with Object(0):
        raise_below(3)


def raise_below(depth):
    if not depth:
        bytes(size(20))
        raise KeyError
    try:
        raise_below(depth - 1)
    finally:
        if depth % 4 == 0:
            bytes(size(21))


def await_it(depth):
    waiting = answer(depth)
    for _ in range(2):
        with contextlib.suppress(StopIteration):
            waiting.send(None)
            bytes(size(22))


def attributes(depth):
    made = Object(depth)
    len(made)
    made.attribute


def closure(depth):
    kept = depth

    def inside(*arguments, **more):
        below(kept - 1)
        bytes(size(23))

    inside(1, 2, a=3)
    (lambda: inside())()


def evaluate(depth):
    number = next(counter)
    exec(compile("def made(): bytes(size(24))\nmade()\nbytes(size(25))", "<made %d>" % (number % 7), "exec"), {"size": size})
    eval(compile("bytes(size(26))", "<evaluated %d>" % (number % 5), "eval"))


def look(depth):
    """Frames become objects, which others keep or clear."""
    frame = sys._getframe(depth % 5)
    kept_frames.append(frame)
    del kept_frames[:-3]
    frame.f_trace_lines = True
    bytes(size(27))
    with contextlib.suppress(RuntimeError):
        kept_frames[0].clear()
    if depth % 2:
        sys._getframe().f_back.f_locals
    bytes(size(28))


def collect(depth):
    lost = Object(0)
    lost.itself = lost
    weakref.finalize(lost, call, 1)
    del lost
    gc.collect()
    bytes(size(29))


WAYS = [call, call_back, resume, loop_over, fail, await_it, attributes, closure, evaluate, look, collect, call]


def act(depth):
    if depth > 0 and plan:
        way = WAYS[plan.pop() % len(WAYS)]
        bytes(size(30))
        way(depth - 1)
        if plan and plan[-1] % 3 == 0:
            below(depth - 1)
    bytes(size(31))
