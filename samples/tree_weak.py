# ouro: NO-GARBAGE __main__.
#
# The tree of tree.py with a weak reference to the parent: each tree dies with its last user, and
# nothing waits for the collector.
import gc
import weakref

gc.disable()


class Node:
    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent and weakref.ref(parent)
        self.children = []
        if parent is not None:
            parent.children.append(self)


def parse(number):
    root = Node("document %d" % number)
    for name in ("title", "body", "footer"):
        Node(name, parent=root)
    return sum(len(child.name) for child in root.children)


def main():
    print("characters of all documents:", sum(parse(number) for number in range(1000)))


if __name__ == "__main__":
    main()
