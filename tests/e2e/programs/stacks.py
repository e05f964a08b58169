# SPDX-License-Identifier: MIT
"""Stacks that change behind the back of whoever remembers them, between one allocation and the next.

All of it runs twice. First size() is a function that notes the stack as Python sees it; then it is a
method of a list, so that nothing but the allocations themselves can be seen, and the frames lie where
they lie. Both times each line allocates bytes of a size of its own. What the second run must show is
what was noted in the first, as JSON in the file argv[1]: {"frames": [[file, line, function], …], "noted":
[[size, [index of the innermost frame, …], count], …]}.
"""
import asyncio
import gc
import json
import os
import random
import sys
import threading
import types

SIZES = 100
SEEDS = int(sys.argv[2]) if len(sys.argv) > 2 else 4
FRAMES, NOTED = {}, {}


def note(number):
    """Notes the caller's stack, recursion folded as the trace format folds it."""
    stack, frame = [], sys._getframe(1)
    while frame is not None:
        stack.append(frame)
        frame = frame.f_back
    kept, where = [], {}
    for frame in reversed(stack):
        code = frame.f_code
        key = code.co_filename, code.co_name, code.co_firstlineno, frame.f_lasti
        if key in where:
            for gone in kept[where[key] + 1:]:
                del where[gone[0]]
            del kept[where[key] + 1:]
        else:
            where[key] = len(kept)
            name = code.co_filename, frame.f_lineno, getattr(code, "co_qualname", code.co_name)
            kept.append((key, FRAMES.setdefault(name, len(FRAMES))))
    seen = sys.getsizeof(b"") + bare(number), tuple(index for _, index in reversed(kept))
    NOTED[seen] = NOTED.get(seen, 0) + 1
    return 40 + 2 * number


bare = [41 + 2 * number for number in range(SIZES)].__getitem__
size = None


# --- the same frame at the same place, called by another


def inner():
    bytes(size(0))


def one():
    inner()
    inner()


def two():
    inner()
    inner()


def through(function):
    function()
    two()


def same_addresses():
    for _ in range(20):
        one()
        two()
        two(), one()
        through(one)
        through(two)
    for _ in range(3):
        inner()
        one()
        inner()


def link(depth):
    if depth:
        CHAIN[depth - 1](depth - 1)
    bytes(size(1))


def other_link(depth):
    if depth:
        CHAIN[depth - 1](depth - 1)
    bytes(size(2))


def named(function, number):
    """The same function with a name of its own: recursion that is none."""
    name = "%s %d" % (function.__name__, number)
    more = {"co_qualname": name} if sys.version_info >= (3, 11) else {}
    return types.FunctionType(function.__code__.replace(co_name=name, **more), globals(), name)


CHAIN = [named((link, other_link)[number % 2], number) for number in range(1000)]


def bottom_one(depth):
    CHAIN[depth](depth)
    return CHAIN[depth](depth)


def bottom_two(depth):
    CHAIN[depth](depth)
    return CHAIN[depth](depth)


def only_the_outermost_differs():
    for _ in range(4):
        bottom_one(60)
        bottom_two(60)
        bottom_two(1)
        bottom_one(1)


# --- programs at random: every way to call, in every order


class Levels:
    """What the levels of ways.py share, and their outermost act()."""

    def __init__(self, count):
        self.plan, self.suspended, self.kept_frames = [], [], []
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ways.py")) as file:
            source = file.read()
        self.spaces, act = [], (lambda depth: None)
        for level in range(count):
            space = {"__name__": "level%d" % level, "below": act, "counter": iter(range(1 << 30)),
                     "plan": self.plan, "suspended": self.suspended, "kept_frames": self.kept_frames}
            exec(compile(source, "<level %d>" % level, "exec"), space)
            self.spaces.append(space)
            act = space["act"]
        self.act, self.count = act, count

    def run(self, seed):
        for space in self.spaces:
            space["size"], space["counter"] = size, iter(range(1 << 30))
        chosen = random.Random(seed)
        self.plan[:] = [chosen.randrange(1000) for _ in range(150)]
        while self.plan:
            self.act(self.count)
        del self.suspended[:], self.kept_frames[:]


LEVELS = Levels(14)
if not getattr(sys, "_is_gil_enabled", lambda: True)():
    # Two passes differ there by themselves in what a collection finds, unrecorded too.
    for one_space in LEVELS.spaces:
        one_space["WAYS"][:] = [call for call in one_space["WAYS"] if call is not one_space["collect"]]


def at_random():
    for seed in range(SEEDS):
        LEVELS.run(seed)


# --- deep and shallow


def recursive(depth):
    bytes(size(34))
    if depth:
        recursive(depth - 1)
        if depth % 7 == 0:
            bytes(size(35))


def across_chunks():
    """The interpreter keeps frames in chunks of memory, 16 KiB each; deeper ones are given back."""
    for depth in list(range(1, 300, 37)) + [900, 880, 910, 20, 900]:
        CHAIN[depth](depth)
        recursive(depth)


def climb(depth):
    """Around every height, with calls in between that allocate nothing."""
    if depth % 50 == 0:
        for _ in range(3):
            CHAIN[7](7)
            silent(40)
            bytes(size(37))
    if depth:
        climb_in_name[depth - 1](depth - 1)
    if depth % 20 == 0:
        silent(30)
        bytes(size(38))


climb_in_name = [named(climb, number) for number in range(400)]


def silent(depth):
    if depth:
        silent(depth - 1)


# --- resumed by another caller, suspended within another


def ticks():
    while True:
        bytes(size(39))
        yield


def from_here(generator):
    next(generator)
    bytes(size(40))


def from_there(generator):
    next(generator)
    bytes(size(41))


def from_below(generator, depth):
    if depth:
        from_below(generator, depth - 1)
    else:
        next(generator)


def wrapped(generator):
    while True:
        next(generator)
        bytes(size(42))
        yield


def generators():
    for _ in range(5):
        ticking, other = ticks(), ticks()
        around = wrapped(ticking)
        for _ in range(3):
            from_here(ticking), from_there(other)
            from_there(ticking)
            from_below(other, 12)
            from_here(around)
            next(around)
            from_below(around, 3)
        for short_lived in range(3):
            from_here(ticks())
            from_there(ticks())


async def worker(number):
    for _ in range(3):
        bytes(size(43))
        await asyncio.sleep(0)
        helper(number)


def helper(number):
    bytes(size(44))


async def supervise():
    await asyncio.gather(*(worker(number) for number in range(4)))
    bytes(size(45))


def coroutines():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(supervise())
    loop.close()


# --- trace and profile functions


def moves(frame, event, argument):
    """Moves what it traces to another line, and allocates after that."""
    if frame.f_code is jumping.__code__:
        if event == "line" and frame.f_lineno == jumping.__code__.co_firstlineno + 1:
            bytes(size(46))
            frame.f_lineno += 1
            bytes(size(47))
            traced_helper()
        return moves
    return moves if frame.f_code is traced.__code__ else None


def traced_helper():
    bytes(size(48))


def jumping():
    bytes(size(49))
    bytes(size(50))
    bytes(size(51))


def traced(depth):
    bytes(size(52))
    if depth:
        traced(depth - 1)
    bytes(size(53))


def profiles(frame, event, argument):
    if event in ("call", "return") and frame.f_code is traced.__code__:
        bytes(size(54))
        traced_helper()


def tracing():
    for _ in range(3):
        sys.settrace(moves)
        jumping()
        sys.settrace(None)
        traced(4)
        sys.settrace(moves)
        traced(4)
        sys.settrace(None)
        sys.setprofile(profiles)
        traced(4)
        sys.setprofile(None)
        jumping()


def in_thread(seed):
    for _ in range(30):
        one()
        bottom_two(9)
        from_below(ticks(), seed)
    levels = Levels(5)
    for space in levels.spaces:
        space["WAYS"].remove(space["collect"])  # It would collect what other threads lost.
    levels.run(seed)


def threads():
    workers = [threading.Thread(target=in_thread, args=(seed,)) for seed in range(4)]
    for each in workers:
        each.start()
        if size is note:
            each.join()
    for each in workers:
        each.join()


def class_bodies():
    for _ in range(3):
        class Made:
            one()
            bytes(size(55))
            for _ in range(2):
                bytes(size(56)), two()


def everything():
    same_addresses()
    only_the_outermost_differs()
    at_random()
    across_chunks()
    climb(400)
    generators()
    coroutines()
    tracing()
    class_bodies()
    threads()


gc.disable()
sys.setrecursionlimit(5000)
sys.setswitchinterval(1e-5)
for size in (note, bare):
    everything()
    gc.collect()  # what threads lost, lest the next pass collects it
    for _ in range(10):
        bytes(size(57))
        one()
with open(sys.argv[1], "w") as out:
    json.dump({"frames": list(FRAMES), "noted": [[*seen, count] for seen, count in NOTED.items()]}, out)
