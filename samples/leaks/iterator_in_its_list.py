# ouro: GARBAGE 100 x list [*] -> list_iterator @ samples/leaks/iterator_in_its_list.py:10
#
# A list iterator stored in the list that it walks.
import gc

gc.disable()


def leak():
    pending = [1, 2]
    pending.append(iter(pending))


for _ in range(100):
    leak()
