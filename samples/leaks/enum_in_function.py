# ouro: GARBAGE 20 x enum.EnumType .BLUE -> __main__.leak.<locals>.Colour .__objclass__ @ samples/leaks/enum_in_function.py:11
#
# An enumeration made inside a function.
import enum
import gc

gc.disable()


def leak():
    class Colour(enum.Enum):
        RED = 1
        BLUE = 2

    return Colour.RED.value


for _ in range(20):
    leak()
