"""Has so many bytes of each kind of memory, and says how many; ends with CPython's own account of its pools."""
import json
import mmap
import sys
import threading

MIB = 1 << 20
kept = []


def touch(mapping):
    for at in range(0, len(mapping), 4096):
        mapping[at] = 1
    kept.append(mapping)
    return len(mapping)


def deep(levels, ready, stay):
    if levels:
        # A sort calls back from C, so each level has its part of the C stack.
        sorted([1, 2], key=lambda item: deep(levels - 1, ready, stay) if item == 1 else 0)
    elif not ready.is_set():
        ready.set()
        stay.wait()


amounts = {
    "blocks": 100000 * 64,
    "malloc": 20000 * 1000,
    "malloc_mapped": 24 * MIB,
    "mapped": touch(mmap.mmap(-1, 12 * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)),
    "shared": touch(mmap.mmap(-1, 8 * MIB)),
}
kept.append([b"%051d" % i for i in range(100000)][::2])  # every other block of 84 bytes is free again
kept.append([bytes(30) + b"%d" % i for i in range(100000)])
kept.append([bytes(967) for i in range(20000)])
kept.append(b"x" * amounts["malloc_mapped"])
stay = threading.Event()
for _ in range(3):
    ready = threading.Event()
    threading.Thread(target=deep, args=(20, ready, stay), daemon=True).start()
    ready.wait()
print(json.dumps(amounts))
sys.stdout.flush()
sys._debugmallocstats()
