# ouro: GARBAGE 100 x list [*] @ samples/leaks/list_in_itself.py:10
#
# A list that contains itself.
import gc

gc.disable()


def leak():
    items = [1, 2]
    items.append(items)


for _ in range(100):
    leak()
