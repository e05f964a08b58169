# ouro: GARBAGE 100 x generator local items -> list [*] @ samples/leaks/generator_in_its_list.py:9
#
# A suspended generator in a list that the generator holds.
import gc

gc.disable()


def numbers(items):
    for number in range(10):
        yield len(items) + number


def leak():
    items = []
    items.append(numbers(items))
    next(items[0])


for _ in range(100):
    leak()
