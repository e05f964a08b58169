# ouro: GARBAGE 100 x __main__.Cache .watch -> weakref.ReferenceType .__callback__ -> method .__self__ @ samples/leaks/weakref_callback.py:26
#
# A weak reference whose callback is a method of the object that keeps the reference.
import gc
import weakref

gc.disable()


class Key:
    pass


KEY = Key()


class Cache:
    def __init__(self):
        self.watch = weakref.ref(KEY, self.forget)

    def forget(self, reference):
        pass


def leak():
    Cache()


for _ in range(100):
    leak()
