# ouro: GARBAGE 100 x tuple [*] -> list [*] @ samples/leaks/tuple_in_its_list.py:11
#
# A tuple in a list that the tuple holds.
import gc

gc.disable()


def leak():
    waiting = []
    entry = (waiting, 1000)
    waiting.append(entry)


for _ in range(100):
    leak()
