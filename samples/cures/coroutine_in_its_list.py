# SPDX-License-Identifier: MIT
# cut: coroutine local waiting
#
# samples/leaks/coroutine_in_its_list.py without the leak: the coroutine is closed.
import gc

gc.disable()


class Pause:
    def __await__(self):
        yield


async def work(waiting):
    await Pause()
    return len(waiting)


def leak():
    waiting = []
    waiting.append(work(waiting))
    waiting[0].send(None)
    waiting[0].close()


for _ in range(100):
    leak()
