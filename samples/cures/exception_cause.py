# SPDX-License-Identifier: MIT
# cut: frame local saved
#
# samples/leaks/exception_cause.py without the leak: `del saved` when done.
import gc

gc.disable()


class Failed(Exception):
    pass


def leak(table, key):
    saved = None
    try:
        try:
            table[key]
        except KeyError as error:
            raise Failed(key) from error
    except Failed as failed:
        saved = failed
    try:
        return saved.__cause__ is None
    finally:
        del saved


for number in range(100):
    leak({}, number)
