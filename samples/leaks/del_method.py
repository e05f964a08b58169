# ouro: GARBAGE 100 x __main__.File .owner -> __main__.Owner .file @ samples/leaks/del_method.py:12
#
# Objects with __del__ in a cycle: since PEP 442 the collector may free them, and runs __del__
# then.
import gc

gc.disable()


class Owner:
    def __init__(self):
        self.file = File(self)


class File:
    def __init__(self, owner):
        self.owner = owner

    def __del__(self):
        self.owner = None


for _ in range(100):
    Owner()
