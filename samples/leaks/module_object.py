# ouro: GARBAGE 20 x function .__globals__ -> dict ['work'] @ samples/leaks/module_object.py:15
#
# A plugin loaded and dropped: each of its functions refers to the module's globals, which hold
# the function.
import gc
import types

gc.disable()

SOURCE = "def work():\n    return 1\n"


def leak(number):
    module = types.ModuleType("plugin%d" % number)
    exec(SOURCE, module.__dict__)
    return module.work()


for number in range(20):
    leak(number)
