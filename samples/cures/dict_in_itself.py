# SPDX-License-Identifier: MIT
# cut: dict ['self']
#
# samples/leaks/dict_in_itself.py without the leak: the key is taken out when done.
import gc

gc.disable()


def leak():
    scope = {"name": "scope"}
    scope["self"] = scope
    del scope["self"]


for _ in range(100):
    leak()
