# ouro: GARBAGE 100 x __main__.Button .on_click -> method .__self__ @ samples/leaks/bound_method_on_instance.py:18
#
# A bound method stored on its own instance.
import gc

gc.disable()


class Button:
    def __init__(self):
        self.on_click = self.click

    def click(self):
        pass


def leak():
    Button()


for _ in range(100):
    leak()
