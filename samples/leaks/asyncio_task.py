# ouro: GARBAGE 20 x ValueError .__traceback__ -> traceback .tb_frame -> frame local task -> _asyncio.Task ._exception @ samples/leaks/asyncio_task.py:13
#
# A task that failed, held by the frame of the coroutine that awaited it: the task keeps the
# exception, the exception its traceback, the traceback that frame.
import asyncio
import gc

gc.disable()


async def fail(number):
    await asyncio.sleep(0)
    raise ValueError(number)


async def supervise(number):
    task = asyncio.ensure_future(fail(number))
    try:
        await task
    except ValueError:
        return 1
    return 0


async def main():
    print("failures:", sum([await supervise(number) for number in range(20)]))


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
