# SPDX-License-Identifier: MIT
# group: str __main__.Node.kind
# group: str __main__.Node.text
"""Documents read with ElementTree and turned into a tree of one's own."""
import sys
import xml.etree.ElementTree


class Node:
    __slots__ = ("kind", "text", "below")

    def __init__(self, element):
        self.kind = element.get("kind")  # fixed: self.kind = sys.intern(element.get("kind"))
        self.text = element.text  # fixed: self.text = sys.intern(element.text)
        self.below = tuple([Node(child) for child in element])


def documents(count):
    for n in range(count):
        items = "".join('<item kind="article-%d">text of article %d</item>' % (k % 6, k % 11) for k in range(50))
        yield '<list kind="catalogue">text%s</list>' % items


TREES = [Node(xml.etree.ElementTree.fromstring(document)) for document in documents(120)]  # made here
print(len(TREES))
