# ouro: GARBAGE 100 x __main__.Link .next @ samples/leaks/slots.py:17
#
# A ring of one, through a slot instead of an instance dict.
import gc

gc.disable()


class Link:
    __slots__ = ("next",)

    def __init__(self):
        self.next = self


def leak():
    Link()


for _ in range(100):
    leak()
