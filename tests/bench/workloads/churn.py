# SPDX-License-Identifier: MIT
"""Allocation churn: short-lived lists, tuples, dicts, strings and instances, five calls deep."""
from measure import measure


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def point(number):
    return Point(number, (number, number + 1))


def row(number):
    return {"id": number * 1000, "point": point(number), "name": "row %d" % number}


def batch(number):
    return [row(number), [number], str(number), object()]


def work(scale):
    total = 0
    for number in range(int(1100000 * scale)):
        total += len(batch(number))
    return total


measure(work)
