# SPDX-License-Identifier: MIT
# cut: list [*]
#
# samples/leaks/itertools_over_list.py without the leak: the list lets go of the iterator.
import gc
import itertools

gc.disable()


def chained():
    pending = [1, 2]
    pending.append(itertools.chain(pending, pending))
    pending.pop()


def cycled():
    pending = [1, 2]
    pending.append(itertools.cycle(pending))
    pending.pop()


for _ in range(50):
    chained()
    cycled()
