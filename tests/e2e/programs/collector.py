"""What a program can see of the collector, printed: callbacks, counts, statistics, generations."""
import gc

seen = []
gc.callbacks.append(lambda phase, info: seen.append((phase, sorted(info))))


class Node:
    pass


def cycles(count):
    for _ in range(count):
        node = Node()
        node.me = node


gc.collect()
del seen[:]
gc.disable()
cycles(50)
print(gc.collect(), gc.collect())
print(seen)
gc.callbacks.clear()
gc.set_debug(gc.DEBUG_SAVEALL)
cycles(7)
gc.collect()
print(sorted(type(found).__name__ for found in gc.garbage if isinstance(found, Node)))
gc.set_debug(0)
gc.garbage.clear()
gc.freeze()
print(gc.get_freeze_count() > 1000)
gc.unfreeze()
node = Node()
print(len(gc.get_referrers(node)), gc.is_tracked(node), gc.get_threshold())
