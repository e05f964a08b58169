# SPDX-License-Identifier: MIT
# cut: __main__.Button .on_click
#
# samples/leaks/bound_method_on_instance.py without the leak: a weak method.
import gc
import weakref

gc.disable()


class Button:
    def __init__(self):
        self.on_click = weakref.WeakMethod(self.click)

    def click(self):
        pass


def leak():
    Button()


for _ in range(100):
    leak()
