# SPDX-License-Identifier: MIT
# cut: frame local here
#
# samples/leaks/frame_in_local.py without the leak: `del here` when done.
import gc
import sys

gc.disable()


def leak():
    here = sys._getframe()
    try:
        return here.f_lineno
    finally:
        del here


for _ in range(100):
    leak()
