# SPDX-License-Identifier: MIT
# cut: frame local info
#
# samples/leaks/exc_info_in_local.py without the leak: `del info` when done.
import gc
import sys

gc.disable()


def leak(table, key):
    try:
        table[key]
    except KeyError:
        info = sys.exc_info()
    try:
        return info[0]
    finally:
        del info


for number in range(100):
    leak({}, number)
