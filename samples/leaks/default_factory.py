# ouro: GARBAGE 100 x __main__.Tree .branches -> collections.defaultdict .default_factory -> method .__self__ @ samples/leaks/default_factory.py:19
#
# A defaultdict whose factory is a method of the object that holds it.
import collections
import gc

gc.disable()


class Tree:
    def __init__(self):
        self.branches = collections.defaultdict(self.grow)

    def grow(self):
        return 0


def leak():
    return Tree().branches["first"]


for _ in range(100):
    leak()
