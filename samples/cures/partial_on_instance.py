# SPDX-License-Identifier: MIT
# cut: __main__.Button .on_click
#
# samples/leaks/partial_on_instance.py without the leak: a partial over a weak reference.
import functools
import gc
import weakref

gc.disable()


class Button:
    def __init__(self):
        self.on_click = functools.partial(Button.click, weakref.ref(self))

    def click(self):
        pass


def leak():
    Button()


for _ in range(100):
    leak()
