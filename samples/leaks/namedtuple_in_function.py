# ouro: GARBAGE 20 x type .__mro__ -> tuple [*] @ samples/leaks/namedtuple_in_function.py:11
#
# A named tuple made inside a function: each call builds a new class.
import collections
import gc

gc.disable()


def leak():
    Point = collections.namedtuple("Point", "x y")
    return Point(1, 2).x


for _ in range(20):
    leak()
