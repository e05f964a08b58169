# SPDX-License-Identifier: MIT
# cut: enum.EnumType
#
# samples/leaks/enum_in_function.py without the leak: the enumeration is made once.
import enum
import gc

gc.disable()


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def leak():
    return Colour.RED.value


for _ in range(20):
    leak()
