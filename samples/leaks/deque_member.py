# ouro: GARBAGE 100 x __main__.Job .queue -> collections.deque [*] @ samples/leaks/deque_member.py:17
#
# A job that waits in a deque and refers to it.
import collections
import gc

gc.disable()


class Job:
    def __init__(self, queue):
        self.queue = queue
        queue.append(self)


def leak():
    Job(collections.deque())


for _ in range(100):
    leak()
