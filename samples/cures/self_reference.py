# SPDX-License-Identifier: MIT
# cut: __main__.Point .me
#
# samples/leaks/self_reference.py without the leak: a weak reference to itself.
import gc
import weakref

gc.disable()


class Point:
    def __init__(self):
        self.me = weakref.ref(self)


def leak():
    Point()


for _ in range(100):
    leak()
