# SPDX-License-Identifier: MIT
"""Four threads that allocate at the same time and hand each other what they made."""
import queue
import threading

from measure import measure


def produce(out, count):
    for number in range(count):
        out.append({"number": number, "text": "item %d" % number, "parts": [number, number + 1, (number,)]})
        if len(out) > 1000:
            out.pop(0) if number % 2 else out.pop()


def work(scale):
    count = int(500000 * scale)
    shared = [[], []]
    done = queue.Queue()

    def run(index):
        produce(shared[index % 2], count)
        done.put(index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(done.get() for _ in threads)


measure(work)
