# ouro: GARBAGE 100 x __main__.Watcher .notify -> function .__closure__ -> tuple [*] -> cell .cell_contents @ samples/leaks/property_closure.py:20
#
# A callback closure over self, stored on self.
import gc

gc.disable()


class Watcher:
    def __init__(self):
        self.changes = 0

        def notify():
            self.changes += 1

        self.notify = notify


def leak():
    Watcher().notify()


for _ in range(100):
    leak()
