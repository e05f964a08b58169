# SPDX-License-Identifier: MIT
"""The one table of real differences between versions of the runtime.

All samples say in their first comment what ouro should find, on every version. A row here replaces
one of those lines (found by its beginning) on some versions, by other lines or by none, and says
why. A row that nothing needs any more is a failure of its own (test_samples.py).
"""

_CALLER = "the call makes the generator, in the caller's frame; from 3.11 on the callee's own first instruction does"
_FRAME = "a call makes a frame object, in the caller's frame; from 3.11 on only who asks for it gets one"
_LOCAL = "what a threading.local hangs its dict on, and whose key that is, changed twice"
_FLOATS = "floats come from a free list, and a recycled one keeps the line of its block; from 3.13 on PyRefTracer tells"
# sample, first version, last version, beginning of the line that is replaced, replacement, why
DIFFERENCES = [
    ("leaks/coroutine_in_its_list.py", (3, 8), (3, 10), "GARBAGE",
     ["GARBAGE 100 x coroutine local waiting -> list [*] @ samples/leaks/coroutine_in_its_list.py:21"], _CALLER),
    ("leaks/generator_in_its_list.py", (3, 8), (3, 10), "GARBAGE",
     ["GARBAGE 100 x generator local items -> list [*] @ samples/leaks/generator_in_its_list.py:16"], _CALLER),
    ("leaks/frame_in_local.py", (3, 8), (3, 10), "GARBAGE",
     ["GARBAGE 100 x frame local here @ samples/leaks/frame_in_local.py:16"], _FRAME),
    ("leaks/class_in_function.py", (3, 15), (3, 15), "GARBAGE",
     ["GARBAGE 50 x type .__mro__ -> tuple [*] @ samples/leaks/class_in_function.py:11"],
     "the descriptors of __dict__ and __weakref__ are shared by all classes"),
    ("leaks/type_call.py", (3, 15), (3, 15), "GARBAGE",
     ["GARBAGE 50 x type .__mro__ -> tuple [*] @ samples/leaks/type_call.py:10"],
     "the descriptors of __dict__ and __weakref__ are shared by all classes"),
    ("leaks/own_dict.py", (3, 13, 0), (3, 13, 0), "GARBAGE", [], "3.13.0 loses the reference of the dict to itself; seen mended in 3.13.5"),
    ("leaks/thread_local.py", (3, 8), (3, 9), "GARBAGE",
     ["GARBAGE 50 x _thread._local -> dict [<weakref>] -> dict ['me'] @ samples/leaks/thread_local.py:11"], _LOCAL),
    ("leaks/thread_local.py", (3, 10), (3, 12), "GARBAGE",
     ["GARBAGE 50 x _thread._local -> dict [<weakref.ReferenceType>] -> dict ['me'] @ samples/leaks/thread_local.py:11"], _LOCAL),
    ("json_rows.py", (3, 8), (3, 12), "INTERN float", ["INTERN float 5000 copies 5 distinct in dict['price']"], _FLOATS),
]


def adapt(sample, header, version):
    """The header of a sample as it holds on a version (major, minor, patch)."""
    lines = []
    for line in header:
        for name, first, last, beginning, replacement, _ in DIFFERENCES:
            if name == sample and first <= version[:len(first)] and version[:len(last)] <= last and line.startswith(beginning):
                lines += replacement
                break
        else:
            lines.append(line)
    return lines
