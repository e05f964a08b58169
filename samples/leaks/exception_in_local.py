# ouro: GARBAGE 100 x KeyError .__traceback__ -> traceback .tb_frame -> frame local saved @ samples/leaks/exception_in_local.py:12
#
# An exception kept in a local variable of a frame that it passed through.
import gc

gc.disable()


def leak(table, key):
    saved = None
    try:
        table[key]
    except KeyError as error:
        saved = error
    return saved is None


for number in range(100):
    leak({}, number)
