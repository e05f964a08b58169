# SPDX-License-Identifier: MIT
# cut: __main__.Watcher .notify
#
# samples/leaks/property_closure.py without the leak: a closure over a weak reference.
import gc
import weakref

gc.disable()


class Watcher:
    def __init__(self):
        self.changes = 0
        own = weakref.ref(self)

        def notify():
            own().changes += 1

        self.notify = notify


def leak():
    watcher = Watcher()
    watcher.notify()


for _ in range(100):
    leak()
