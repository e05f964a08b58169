# SPDX-License-Identifier: MIT
"""Trees whose nodes know their parents, built recursively and left to the collector."""
from measure import measure


class Node:
    def __init__(self, parent, depth):
        self.parent = parent
        self.name = "node %d" % depth
        self.children = [Node(self, depth - 1) for _ in range(3)] if depth else []

    def count(self):
        return 1 + sum(child.count() for child in self.children)


def work(scale):
    return sum(Node(None, 6).count() for _ in range(int(850 * scale)))


measure(work)
