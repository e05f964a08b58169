# SPDX-License-Identifier: MIT
# cut: generator local items
#
# samples/leaks/generator_in_its_list.py without the leak: the generator is closed.
import gc

gc.disable()


def numbers(items):
    for number in range(10):
        yield len(items) + number


def leak():
    items = []
    items.append(numbers(items))
    next(items[0])
    items[0].close()


for _ in range(100):
    leak()
