# ouro: GARBAGE 100 x dict ['d'] @ samples/leaks/own_dict.py:16
#
# An object that stores its own attribute dict. The dict holds itself; whether the object is part
# of it depends on the version.
import gc

gc.disable()


class Point:
    pass


def leak():
    point = Point()
    point.d = point.__dict__


for _ in range(100):
    leak()
