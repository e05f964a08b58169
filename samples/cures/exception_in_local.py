# SPDX-License-Identifier: MIT
# cut: frame local saved
#
# samples/leaks/exception_in_local.py without the leak: `del saved` when done.
import gc

gc.disable()


def leak(table, key):
    saved = None
    try:
        table[key]
    except KeyError as error:
        saved = error
    try:
        return saved is None
    finally:
        del saved


for number in range(100):
    leak({}, number)
