# ouro: GARBAGE 50 x list [*] -> itertools.chain @ samples/leaks/itertools_over_list.py:12
# ouro: GARBAGE 50 x list [*] -> itertools.cycle @ samples/leaks/itertools_over_list.py:17
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
