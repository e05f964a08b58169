# SPDX-License-Identifier: MIT
# cut: types.SimpleNamespace .root
#
# samples/leaks/simple_namespace.py without the leak: the reference goes when done.
import gc
import types

gc.disable()


def leak():
    state = types.SimpleNamespace(name="state")
    state.root = state
    del state.root


for _ in range(100):
    leak()
