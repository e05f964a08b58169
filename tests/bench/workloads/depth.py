# SPDX-License-Identifier: MIT
"""Extreme churn: nothing but allocations, at a static stack depth given as second argument."""
import sys

from measure import measure

DEPTH = int(sys.argv[2])
FRAMES_AROUND = 3  # <module>, measure(), work()


def loop(count):
    make = object
    for _ in range(count):
        make(), make(), make(), make(), make(), make(), make(), make(), make(), make()


def down(depth, count):
    if depth > 1:
        return down(depth - 1, count)
    return loop(count)


def work(scale):
    count = int(2500000 * scale)
    further = DEPTH - FRAMES_AROUND
    if further > 0:
        # The last of these frames is loop()'s own.
        return down(further - 1, count) if further > 1 else loop(count)
    make = object
    for _ in range(count):
        make(), make(), make(), make(), make(), make(), make(), make(), make(), make()


measure(work)
