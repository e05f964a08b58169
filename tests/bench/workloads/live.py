# SPDX-License-Identifier: MIT
"""Two million live objects: rows of a table that stays in memory."""
import gc

from measure import measure


class Row:
    __slots__ = ("key", "value", "next")

    def __init__(self, key, value):
        self.key = key
        self.value = value
        self.next = None


def work(scale):
    rows = {}
    for number in range(int(500000 * scale)):
        rows[number + 100000] = Row("key %d" % number, (number, number * 0.5))
    return rows


gc.set_threshold(50000, 20, 20)
ROWS = measure(work)
