# SPDX-License-Identifier: MIT
# cut: __main__.Child .parent
#
# samples/leaks/parent_child.py without the leak: a weak reference to the parent.
import gc
import weakref

gc.disable()


class Parent:
    def __init__(self):
        self.child = Child(self)


class Child:
    def __init__(self, parent):
        self.parent = weakref.ref(parent)


for _ in range(100):
    Parent()
