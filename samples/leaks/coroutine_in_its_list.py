# ouro: GARBAGE 100 x coroutine local waiting -> list [*] @ samples/leaks/coroutine_in_its_list.py:14
#
# A suspended coroutine in the list of waiting ones that it was given.
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


for _ in range(100):
    leak()
