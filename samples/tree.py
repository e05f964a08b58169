# ouro: GARBAGE 1000 x __main__.Node .children -> list [*] -> __main__.Node .parent @ samples/tree.py:28
#
# A tree whose nodes know their parent. Every document that is dropped leaves its tree behind as
# cycles that only the cyclic collector could free, and the collector is switched off, as some
# servers do for their latency. Ouro says which cycle it is and that `.parent` is the edge to cut.
import gc

gc.disable()


class Node:
    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)


def parse(number):
    root = root_of(number)
    for name in ("title", "body", "footer"):
        Node(name, parent=root)
    return sum(len(child.name) for child in root.children)


def root_of(number):
    return Node("document %d" % number)


def main():
    print("characters of all documents:", sum(parse(number) for number in range(1000)))


if __name__ == "__main__":
    main()
