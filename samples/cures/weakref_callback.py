# SPDX-License-Identifier: MIT
# cut: weakref.ReferenceType .__callback__
#
# samples/leaks/weakref_callback.py without the leak: a callback over a weak reference.
import gc
import weakref

gc.disable()


class Key:
    pass


KEY = Key()


class Cache:
    def __init__(self):
        forget = weakref.WeakMethod(self.forget)
        self.watch = weakref.ref(KEY, lambda reference: forget()(reference))

    def forget(self, reference):
        pass


def leak():
    Cache()


for _ in range(100):
    leak()
