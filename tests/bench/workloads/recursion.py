# SPDX-License-Identifier: MIT
"""Recursion two hundred calls deep, with an allocation at each level on the way down and up."""
from measure import measure


def down(depth, path):
    if not depth:
        return [path]
    found = down(depth - 1, (depth, path))
    return [object(), found[0]]


def work(scale):
    for _ in range(int(27000 * scale)):
        down(200, ())


measure(work)
