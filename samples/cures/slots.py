# SPDX-License-Identifier: MIT
# cut: __main__.Link .next
#
# samples/leaks/slots.py without the leak: a weak reference to the next.
import gc
import weakref

gc.disable()


class Link:
    __slots__ = ("next", "__weakref__")

    def __init__(self):
        self.next = weakref.ref(self)


def leak():
    Link()


for _ in range(100):
    leak()
