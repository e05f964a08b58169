# ouro: GARBAGE 100 x __main__.Table .find -> functools._lru_cache_wrapper .__wrapped__ -> method .__self__ @ samples/leaks/cached_method.py:19
#
# A cache made per instance, around a bound method of that instance.
import functools
import gc

gc.disable()


class Table:
    def __init__(self):
        self.find = functools.lru_cache(maxsize=None)(self._find)

    def _find(self, key):
        return key * 2


def leak(number):
    return Table().find(number)


for number in range(100):
    leak(number)
