/* SPDX-License-Identifier: MIT */
/* Suspended generators and coroutines. */
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "generator-on-instance",
     .title = "a generator made by a method and stored on its object",
     .rule = {"!* .* -> generator local *", "!* .* -> coroutine local *",
              "!* .* -> async_generator local *"},
     .reason = "the suspended frame has self in a variable",
     .hint = "run it to its end, call its close(), or set {name} to None when done",
     .explanation =
         "A suspended generator or coroutine keeps its variables. One that a method made "
         "has self among them.",
     .before = "class Reader:\n"
               "    def __init__(self):\n"
               "        self.lines = self.read()\n"
               "        next(self.lines)\n"
               "\n"
               "    def read(self):\n"
               "        yield 1\n"
               "        yield 2\n"
               "\n"
               "for _ in range(20):\n"
               "    Reader()\n",
     .after = "class Reader:\n"
              "    def __init__(self):\n"
              "        self.lines = self.read()\n"
              "        next(self.lines)\n"
              "        self.lines.close()\n"
              "\n"
              "    def read(self):\n"
              "        yield 1\n"
              "        yield 2\n"
              "\n"
              "for _ in range(20):\n"
              "    Reader()\n",
     .link = "https://docs.python.org/3/reference/expressions.html#generator.close"},
    {.id = "generator-local",
     .title = "a suspended generator that holds what holds it",
     .rule = {"!generator local *"},
     .reason = "a suspended generator's variable leads back to the generator",
     .hint = "run it to its end or call its close(), and do not store it in its own "
             "variables",
     .explanation = "A generator that is not exhausted keeps its frame, and the frame its "
                    "variables.",
     .before = "def numbers(items):\n"
               "    for number in range(10):\n"
               "        yield len(items) + number\n"
               "\n"
               "def start():\n"
               "    items = []\n"
               "    items.append(numbers(items))\n"
               "    next(items[0])\n"
               "\n"
               "for _ in range(20):\n"
               "    start()\n",
     .after = "def numbers(items):\n"
              "    for number in range(10):\n"
              "        yield len(items) + number\n"
              "\n"
              "def start():\n"
              "    items = []\n"
              "    items.append(numbers(items))\n"
              "    next(items[0])\n"
              "    items.pop().close()\n"
              "\n"
              "for _ in range(20):\n"
              "    start()\n",
     .link = "https://docs.python.org/3/reference/expressions.html#generator.close"},
    {.id = "coroutine-local",
     .title = "a suspended coroutine that holds what holds it",
     .rule = {"!coroutine local *"},
     .reason = "a suspended coroutine's variable leads back to the coroutine",
     .hint = "await it to its end or call its close(), and do not store it in its own "
             "variables",
     .explanation =
         "A coroutine that was started and never finished keeps its frame, and the frame "
         "its variables.",
     .before = "class Pause:\n"
               "    def __await__(self):\n"
               "        yield\n"
               "\n"
               "async def work(waiting):\n"
               "    await Pause()\n"
               "    return len(waiting)\n"
               "\n"
               "def start():\n"
               "    waiting = []\n"
               "    waiting.append(work(waiting))\n"
               "    waiting[0].send(None)\n"
               "\n"
               "for _ in range(20):\n"
               "    start()\n",
     .after = "class Pause:\n"
              "    def __await__(self):\n"
              "        yield\n"
              "\n"
              "async def work(waiting):\n"
              "    await Pause()\n"
              "    return len(waiting)\n"
              "\n"
              "def start():\n"
              "    waiting = []\n"
              "    waiting.append(work(waiting))\n"
              "    waiting[0].send(None)\n"
              "    waiting.pop().close()\n"
              "\n"
              "for _ in range(20):\n"
              "    start()\n",
     .link = "https://docs.python.org/3/reference/datamodel.html#coroutine.close"},
    {.id = "async-generator-local",
     .title = "a suspended asynchronous generator that holds what holds it",
     .rule = {"!async_generator local *"},
     .reason = "its variable leads back to the generator",
     .hint = "iterate to its end or await its aclose()",
     .explanation =
         "An asynchronous generator that is not exhausted keeps its frame, and the frame "
         "its variables.",
     .before = "async def numbers(items):\n"
               "    for number in range(10):\n"
               "        yield len(items) + number\n"
               "\n"
               "def start():\n"
               "    items = []\n"
               "    items.append(numbers(items))\n"
               "    try:\n"
               "        items[0].__anext__().send(None)\n"
               "    except StopIteration:\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    start()\n",
     .after = "async def numbers(items):\n"
              "    for number in range(10):\n"
              "        yield len(items) + number\n"
              "\n"
              "def start():\n"
              "    items = []\n"
              "    items.append(numbers(items))\n"
              "    try:\n"
              "        items[0].__anext__().send(None)\n"
              "    except StopIteration:\n"
              "        items.pop()\n"
              "\n"
              "for _ in range(20):\n"
              "    start()\n",
     .link = "https://docs.python.org/3/reference/expressions.html#agen.aclose"},
};

const struct pattern_list patterns_of_generators = {patterns, sizeof patterns / sizeof *patterns};
