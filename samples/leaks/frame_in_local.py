# ouro: GARBAGE 100 x frame local here @ samples/leaks/frame_in_local.py:11
#
# A frame kept in one of its own local variables.
import gc
import sys

gc.disable()


def leak():
    here = sys._getframe()
    return here.f_lineno


for _ in range(100):
    leak()
