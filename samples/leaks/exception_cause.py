# ouro: GARBAGE 100 x __main__.Failed .__traceback__ -> traceback .tb_frame -> frame local saved @ samples/leaks/exception_cause.py:19
#
# `raise … from …`: the cause hangs on the exception that its handler keeps.
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
    return saved.__cause__ is None


for number in range(100):
    leak({}, number)
