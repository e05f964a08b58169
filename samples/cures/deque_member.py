# SPDX-License-Identifier: MIT
# cut: __main__.Job .queue
#
# samples/leaks/deque_member.py without the leak: a weak reference to the queue.
import collections
import gc
import weakref

gc.disable()


class Job:
    def __init__(self, queue):
        self.queue = weakref.ref(queue)
        queue.append(self)


def leak():
    Job(collections.deque())


for _ in range(100):
    leak()
