# SPDX-License-Identifier: MIT
# cut: cell .cell_contents
#
# samples/leaks/recursive_inner_function.py without the leak: the variable is cleared when done.
import gc

gc.disable()


def depth(tree):
    def walk(node):
        return 1 + max((walk(child) for child in node), default=0)

    try:
        return walk(tree)
    finally:
        walk = None


for _ in range(100):
    depth([[], [[]]])
