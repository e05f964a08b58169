# SPDX-License-Identifier: MIT
# cut: dict ['me']
#
# samples/leaks/thread_local.py without the leak: the value is taken out when done.
import gc
import threading

gc.disable()


def leak():
    local = threading.local()
    local.me = local
    del local.me


for _ in range(50):
    leak()
