# SPDX-License-Identifier: MIT
# cut: dict ['work']
#
# samples/leaks/module_object.py without the leak: the namespace is cleared when done.
import gc
import types

gc.disable()

SOURCE = "def work():\n    return 1\n"


def leak(number):
    module = types.ModuleType("plugin%d" % number)
    exec(SOURCE, module.__dict__)
    try:
        return module.work()
    finally:
        del module.work


for number in range(20):
    leak(number)
