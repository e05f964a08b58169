"""Finalizers, weak references and resurrection, told by prints in their order."""
import gc
import sys
import weakref

gc.disable()
risen = []


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("dies:", self.name)


class Phoenix(Loud):
    def __del__(self):
        print("rises:", self.name)
        risen.append(self)


def watch(thing, text):
    weakref.finalize(thing, print, "finalize:", text)
    return weakref.ref(thing, lambda reference: print("gone:", text))


alone = Loud("alone")
watched = watch(alone, "alone")
print(sys.getrefcount(alone))
del alone
print(watched())
first, second = Loud("first"), Loud("second")
first.other, second.other = second, first
watches = watch(first, "first"), watch(second, "second")
del first, second
print("collected:", gc.collect() > 0, [w() for w in watches])
phoenix = Phoenix("phoenix")
phoenix.me = phoenix
del phoenix
gc.collect()
print(len(risen), risen[0].name)
cycle = Loud("at the end")
cycle.me = cycle
watch(cycle, "at the end").__call__
del cycle
kept = Loud("kept by the module")
print("end")
