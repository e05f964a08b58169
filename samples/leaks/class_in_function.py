# ouro: GARBAGE 50 x type .__dict__ -> getset_descriptor .__objclass__ @ samples/leaks/class_in_function.py:11
#
# A class made inside a function: a class always refers to itself, by its __mro__ and its
# descriptors.
import gc

gc.disable()


def leak():
    class Row:
        pass

    return Row().__class__.__name__


for _ in range(50):
    leak()
