# SPDX-License-Identifier: MIT
# cut: list [*]
#
# samples/leaks/iterator_in_its_list.py without the leak: the list lets go of the iterator.
import gc

gc.disable()


def leak():
    pending = [1, 2]
    pending.append(iter(pending))
    pending.pop()


for _ in range(100):
    leak()
