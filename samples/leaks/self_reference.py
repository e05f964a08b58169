# ouro: GARBAGE 100 x __main__.Point .me @ samples/leaks/self_reference.py:15
#
# An object that refers to itself.
import gc

gc.disable()


class Point:
    def __init__(self):
        self.me = self


def leak():
    Point()


for _ in range(100):
    leak()
