# SPDX-License-Identifier: MIT
# cut: dict ['d']
#
# samples/leaks/own_dict.py without the leak: a copy of the dict.
import gc

gc.disable()


class Point:
    pass


def leak():
    point = Point()
    point.d = dict(point.__dict__)


for _ in range(100):
    leak()
