# SPDX-License-Identifier: MIT
# saving: slots __main__.Node
"""Instances with a table of attributes each; the fix also shows in those of a derived class."""


class Node:
    pass  # fixed: __slots__ = ("name", "weight", "next")

    def __init__(self, weight, after):
        self.name = None
        self.weight = weight
        self.next = after


NODES = []
for number in range(9000):
    NODES.append(Node(None, None))
print(len(NODES))
