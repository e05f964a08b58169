# SPDX-License-Identifier: MIT
# cut: frame local saved
#
# samples/leaks/exception_context.py without the leak: `del saved` when done.
import gc

gc.disable()


def leak(table, key):
    saved = None
    try:
        try:
            table[key]
        except KeyError:
            1 // len(table)
    except ZeroDivisionError as error:
        saved = error
    try:
        return saved.__context__ is None
    finally:
        del saved


for number in range(100):
    leak({}, number)
