# ouro: GARBAGE 100 x KeyError .__traceback__ -> traceback .tb_frame -> frame local info -> tuple [*] @ samples/leaks/exc_info_in_local.py:12
#
# The triple of sys.exc_info() kept in a local variable: the traceback in it refers to this frame.
import gc
import sys

gc.disable()


def leak(table, key):
    try:
        table[key]
    except KeyError:
        info = sys.exc_info()
    return info[0]


for number in range(100):
    leak({}, number)
