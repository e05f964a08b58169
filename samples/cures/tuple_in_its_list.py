# SPDX-License-Identifier: MIT
# cut: list [*]
#
# samples/leaks/tuple_in_its_list.py without the leak: the list lets go of the tuple.
import gc

gc.disable()


def leak():
    waiting = []
    entry = (waiting, 1000)
    waiting.append(entry)
    waiting.pop()


for _ in range(100):
    leak()
