# SPDX-License-Identifier: MIT
# cut: __main__.Table .find
#
# samples/leaks/cached_method.py without the leak: a cache that does not hold self.
import functools
import gc
import weakref

gc.disable()


class Table:
    def __init__(self):
        own = weakref.ref(self)
        self.find = functools.lru_cache(maxsize=None)(lambda key: own()._find(key))

    def _find(self, key):
        return key * 2


def leak(number):
    table = Table()
    return table.find(number)


for number in range(100):
    leak(number)
