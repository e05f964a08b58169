"""Allocations that say where they were made: each has a size of its own.

Before each, here() notes the stack as Python sees it, one line further down, and how often that
line ran. Written as JSON into the file argv[1]: { size: [[[[file, line, function], ...], count], ...] }.
"""
import asyncio
import functools
import json
import sys
import threading
import weakref

EXPECTED = {}


def here(number):
    """Notes the caller's stack; returns a length that no other line makes bytes of."""
    stack = []
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        line = frame.f_lineno + (not stack)
        stack.append((code.co_filename, line, getattr(code, "co_qualname", code.co_name)))
        frame = frame.f_back
    length = 40 + 16 * number
    counts = EXPECTED.setdefault(sys.getsizeof(b"") + length, {})
    counts[tuple(stack)] = counts.get(tuple(stack), 0) + 1
    return length


def plain():
    n = here(1)
    bytes(n)


def loop():
    for _ in range(50):
        n = here(2)
        bytes(n)


def recursive(depth):
    if depth:
        recursive(depth - 1)
        return
    n = here(3)
    bytes(n)


def mutual(depth):
    n = here(4)
    bytes(n)
    if depth:
        mutual_too(depth - 1)


def mutual_too(depth):
    n = here(5)
    bytes(n)
    if depth:
        mutual(depth - 1)


def generator():
    for _ in range(5):
        n = here(6)
        data = bytes(n)
        yield data


def delegating():
    yield from generator()


def from_two_places():
    numbers = delegating()
    next(numbers)
    for _ in numbers:
        pass


class Lazy:
    @property
    def value(self):
        n = here(7)
        return bytes(n)

    def __getattr__(self, name):
        n = here(8)
        return bytes(n)

    def __del__(self):
        n = here(9)
        bytes(n)

    def __eq__(self, other):
        n = here(10)
        return bytes(n) is None


def special_methods():
    lazy = Lazy()
    lazy.value
    lazy.missing
    lazy == 1
    del lazy


def from_c(key):
    n = here(11)
    bytes(n)
    return key


def called_from_c():
    sorted([3, 1, 2], key=from_c)
    list(map(from_c, range(3)))
    functools.reduce(lambda a, b: from_c(b), range(4))


def comprehension():
    return [in_comprehension() for _ in range(4)] + list(in_comprehension() for _ in range(2))


def in_comprehension():
    n = here(12)
    return bytes(n)


def handled():
    try:
        raise KeyError(1)
    except KeyError:
        n = here(13)
        bytes(n)
    finally:
        n = here(14)
        bytes(n)


def closures():
    def inner():
        def innermost():
            n = here(15)
            bytes(n)

        innermost()

    inner()
    (lambda: inner())()


def evaluated():
    exec(compile("n = here(16)\nbytes(n)\n", "<made up>", "exec"), globals())
    eval(compile("plain()", "<another>", "eval"))


class AtClassLevel:
    n = here(17)
    kept = bytes(n)


def dead_reference(reference):
    n = here(18)
    bytes(n)


def weak_callback():
    lazy = Lazy.__new__(Lazy)
    watch = weakref.ref(lazy, dead_reference)
    del lazy
    return watch


async def pause():
    n = here(19)
    bytes(n)
    await asyncio.sleep(0)
    n = here(20)
    bytes(n)


async def supervise():
    await asyncio.gather(pause(), pause())
    async for _ in ticks():
        pass


async def ticks():
    for _ in range(3):
        n = here(21)
        bytes(n)
        yield 1


def coroutines():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(supervise())
    loop.close()


def threads():
    for _ in range(3):
        worker = threading.Thread(target=in_thread)
        worker.start()
        worker.join()


def in_thread():
    n = here(22)
    bytes(n)
    recursive(3)


@functools.lru_cache(None)
def cached(key):
    n = here(23)
    return bytes(n)


def deep():
    sys.setrecursionlimit(5000)
    recursive(900)


def suspended_and_resumed_elsewhere():
    numbers = generator()
    next(numbers)
    resume(numbers, 3)
    next(numbers)


def resume(numbers, depth):
    if depth:
        resume(numbers, depth - 1)
    else:
        next(numbers)


def long_line():
    n = here(24)
    bytes(n), "a line" + " with" * n, [str(index) for index in range(3)]  # and much else on the same line of code


def far_below():
    # More than 127 lines without code between two statements of one function: line tables have
    # small deltas, and long ones take another form.
    n = 0
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    #
    n = here(25)
    bytes(n)


def main():
    for _ in range(3):
        plain()
    loop()
    recursive(0)
    recursive(7)
    mutual(6)
    from_two_places()
    special_methods()
    called_from_c()
    comprehension()
    handled()
    closures()
    evaluated()
    weak_callback()
    coroutines()
    threads()
    cached(1)
    cached(1)
    cached(2)
    deep()
    suspended_and_resumed_elsewhere()
    long_line()
    far_below()
    n = here(26)
    return [bytes(n), bytes(10)]


KEPT = main()
with open(sys.argv[1], "w") as out:
    json.dump({size: sorted(counts.items()) for size, counts in EXPECTED.items()}, out)
