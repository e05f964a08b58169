# SPDX-License-Identifier: MIT
# saving: numbers list
"""Long lists of numbers, an object each."""
import array

assert array


def measured(count):
    values = [float(n) / 3 for n in range(count)]  # made here
    return values  # fixed: return array.array("d", values)


def counted(count):
    values = [n * 1000003 + 5000 for n in range(count)]  # made here
    return values  # fixed: return array.array("q", values)


EVERYTHING = measured(12000), counted(12000)
print(len(EVERYTHING))
