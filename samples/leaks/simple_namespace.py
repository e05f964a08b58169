# ouro: GARBAGE 100 x types.SimpleNamespace .root @ samples/leaks/simple_namespace.py:11
#
# A namespace object that refers to itself.
import gc
import types

gc.disable()


def leak():
    state = types.SimpleNamespace(name="state")
    state.root = state


for _ in range(100):
    leak()
