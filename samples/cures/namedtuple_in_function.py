# SPDX-License-Identifier: MIT
# cut: type
#
# samples/leaks/namedtuple_in_function.py without the leak: the class is made once.
import collections
import gc

gc.disable()


Point = collections.namedtuple("Point", "x y")


def leak():
    return Point(1, 2).x


for _ in range(20):
    leak()
