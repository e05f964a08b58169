# ouro: GARBAGE 50 x type .__dict__ -> getset_descriptor .__objclass__ @ samples/leaks/type_call.py:10
#
# A class made by calling type().
import gc

gc.disable()


def leak(number):
    return type("Row%d" % number, (), {"number": number}).number


for number in range(50):
    leak(number)
