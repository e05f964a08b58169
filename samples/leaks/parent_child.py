# ouro: GARBAGE 100 x __main__.Child .parent -> __main__.Parent .child @ samples/leaks/parent_child.py:11
#
# Parent and child that know each other.
import gc

gc.disable()


class Parent:
    def __init__(self):
        self.child = Child(self)


class Child:
    def __init__(self, parent):
        self.parent = parent


for _ in range(100):
    Parent()
