# ouro: GARBAGE 100 x collections.OrderedDict ['self'] @ samples/leaks/ordered_dict.py:11
#
# An ordered dict that contains itself.
import collections
import gc

gc.disable()


def leak():
    scope = collections.OrderedDict()
    scope["self"] = scope


for _ in range(100):
    leak()
