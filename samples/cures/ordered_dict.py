# SPDX-License-Identifier: MIT
# cut: collections.OrderedDict ['self']
#
# samples/leaks/ordered_dict.py without the leak: the key is taken out when done.
import collections
import gc

gc.disable()


def leak():
    scope = collections.OrderedDict()
    scope["self"] = scope
    del scope["self"]


for _ in range(100):
    leak()
