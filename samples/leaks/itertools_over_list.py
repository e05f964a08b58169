# ouro: GARBAGE 50 x itertools.chain -> tuple_iterator -> tuple [*] -> list [*] @ samples/leaks/itertools_over_list.py:13
# ouro: GARBAGE 50 x itertools.cycle -> list_iterator -> list [*] @ samples/leaks/itertools_over_list.py:18
#
# Iterators of itertools over a list that holds them.
import gc
import itertools

gc.disable()


def chained():
    pending = [1, 2]
    pending.append(itertools.chain(pending, pending))


def cycled():
    pending = [1, 2]
    pending.append(itertools.cycle(pending))


for _ in range(50):
    chained()
    cycled()
