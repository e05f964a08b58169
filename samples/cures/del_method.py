# SPDX-License-Identifier: MIT
# cut: __main__.File .owner
#
# samples/leaks/del_method.py without the leak: a weak reference to the owner.
import gc
import weakref

gc.disable()


class Owner:
    def __init__(self):
        self.file = File(self)


class File:
    def __init__(self, owner):
        self.owner = weakref.ref(owner)

    def __del__(self):
        self.owner = None


for _ in range(100):
    Owner()
