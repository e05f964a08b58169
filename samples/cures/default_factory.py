# SPDX-License-Identifier: MIT
# cut: collections.defaultdict .default_factory
#
# samples/leaks/default_factory.py without the leak: a factory that is no method.
import collections
import gc

gc.disable()


class Tree:
    def __init__(self):
        self.branches = collections.defaultdict(int)

    def grow(self):
        return 0


def leak():
    return Tree().branches["first"]


for _ in range(100):
    leak()
