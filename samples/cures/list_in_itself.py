# SPDX-License-Identifier: MIT
# cut: list [*]
#
# samples/leaks/list_in_itself.py without the leak: the list lets go of itself.
import gc

gc.disable()


def leak():
    items = [1, 2]
    items.append(items)
    items.pop()


for _ in range(100):
    leak()
