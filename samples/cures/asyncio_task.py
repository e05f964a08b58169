# SPDX-License-Identifier: MIT
# cut: frame local task
#
# samples/leaks/asyncio_task.py without the leak: `del task` when done.
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
    finally:
        del task
    return 0


async def main():
    print("failures:", sum([await supervise(number) for number in range(20)]))


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
