# ouro: GARBAGE 100 x __main__.Button .on_click -> functools.partial .args -> tuple [*] @ samples/leaks/partial_on_instance.py:19
#
# A functools.partial over self, stored on self.
import functools
import gc

gc.disable()


class Button:
    def __init__(self):
        self.on_click = functools.partial(Button.click, self)

    def click(self):
        pass


def leak():
    Button()


for _ in range(100):
    leak()
