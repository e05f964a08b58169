# ouro: GARBAGE 100 x KeyError .__traceback__ -> traceback .tb_frame -> frame local saved -> ZeroDivisionError .__context__ @ samples/leaks/exception_context.py:13
#
# An exception raised while another was handled: the first hangs on the second as its context.
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
    return saved.__context__ is None


for number in range(100):
    leak({}, number)
