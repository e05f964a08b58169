/* SPDX-License-Identifier: MIT */
/* Tasks, threads, and classes made while the program runs. */
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "asyncio-task",
     .title = "a coroutine that keeps the failed task it awaited",
     .rule = {"traceback .tb_frame -> !* local * -> _asyncio.Task *",
              "traceback .tb_frame -> !* local * -> _asyncio.Future *",
              "traceback .tb_frame -> !* local * -> asyncio.* *"},
     .reason = "the task keeps the exception, its traceback the frame, the frame the task",
     .hint = "await the call itself, or `del {name}` in a finally block",
     .explanation = "A task that failed keeps its exception. The exception's traceback refers to "
                    "the frame that awaited the task, and a variable of that frame to the task.",
     .before = "import asyncio\n"
               "\n"
               "async def fail(number):\n"
               "    await asyncio.sleep(0)\n"
               "    raise ValueError(number)\n"
               "\n"
               "async def supervise(number):\n"
               "    task = asyncio.ensure_future(fail(number))\n"
               "    try:\n"
               "        await task\n"
               "    except ValueError:\n"
               "        return 1\n"
               "    return 0\n"
               "\n"
               "async def main():\n"
               "    for number in range(20):\n"
               "        await supervise(number)\n"
               "\n"
               "loop = asyncio.new_event_loop()\n"
               "loop.run_until_complete(main())\n"
               "loop.close()\n",
     .after = "import asyncio\n"
              "\n"
              "async def fail(number):\n"
              "    await asyncio.sleep(0)\n"
              "    raise ValueError(number)\n"
              "\n"
              "async def supervise(number):\n"
              "    task = asyncio.ensure_future(fail(number))\n"
              "    try:\n"
              "        await task\n"
              "    except ValueError:\n"
              "        return 1\n"
              "    finally:\n"
              "        del task\n"
              "    return 0\n"
              "\n"
              "async def main():\n"
              "    for number in range(20):\n"
              "        await supervise(number)\n"
              "\n"
              "loop = asyncio.new_event_loop()\n"
              "loop.run_until_complete(main())\n"
              "loop.close()\n",
     .link = "https://docs.python.org/3/library/asyncio-task.html#task-object"},
    {.id = "thread-local",
     .title = "a threading.local that holds itself",
     .rule = {"_thread._local * -> dict [*] -> !dict [*]", "_thread._local * -> !dict [*]"},
     .reason = "a value of the thread's table leads back to the threading.local",
     .hint = "do not store the threading.local, or what holds it, in itself",
     .explanation = "The values of a threading.local are in a dict for each thread. One that leads "
                    "back to the object keeps it and the values of all threads.",
     .before = "import threading\n"
               "\n"
               "def work():\n"
               "    local = threading.local()\n"
               "    local.context = local\n"
               "\n"
               "for _ in range(20):\n"
               "    work()\n",
     .after = "import threading\n"
              "\n"
              "def work():\n"
              "    local = threading.local()\n"
              "    local.context = None\n"
              "\n"
              "for _ in range(20):\n"
              "    work()\n",
     .link = "https://docs.python.org/3/library/threading.html#thread-local-data"},
    {.id = "timer-callback",
     .title = "a threading.Timer that calls a method of its owner",
     .rule = {"!* .* -> threading.Timer .function", "!* .* -> threading.Timer .args"},
     .reason = "a timer keeps the function it called",
     .hint = "forget the timer when it is done: self.{name} = None in the method it calls",
     .explanation = "A Thread forgets its target when it ends; a Timer keeps the function and its "
                    "arguments. So an object that stores the timer and gives it one of its methods "
                    "keeps itself.",
     .before = "import threading\n"
               "\n"
               "class Session:\n"
               "    def start(self):\n"
               "        self.timer = threading.Timer(0, self.expire)\n"
               "        self.timer.start()\n"
               "        self.timer.join()\n"
               "\n"
               "    def expire(self):\n"
               "        pass\n"
               "\n"
               "for _ in range(5):\n"
               "    Session().start()\n",
     .after = "import threading\n"
              "\n"
              "class Session:\n"
              "    def start(self):\n"
              "        self.timer = threading.Timer(0, self.expire)\n"
              "        self.timer.start()\n"
              "        self.timer.join()\n"
              "        self.timer = None\n"
              "\n"
              "    def expire(self):\n"
              "        pass\n"
              "\n"
              "for _ in range(5):\n"
              "    Session().start()\n",
     .link = "https://docs.python.org/3/library/threading.html#timer-objects"},
    {.id = "exit-stack",
     .title = "an ExitStack with callbacks of its owner",
     .rule = {"!* .* -> contextlib.ExitStack ._exit_callbacks",
              "!* .* -> contextlib.AsyncExitStack ._exit_callbacks"},
     .reason = "a stack that was not closed holds what it will call",
     .hint = "close the stack (stack.close(), or use it in a with statement)",
     .explanation =
         "An ExitStack keeps its callbacks until it is closed. An object that stores the "
         "stack and registers its own methods there keeps itself until then.",
     .before = "import contextlib\n"
               "\n"
               "class Server:\n"
               "    def __init__(self):\n"
               "        self.stack = contextlib.ExitStack()\n"
               "        self.stack.callback(self.stop)\n"
               "\n"
               "    def stop(self):\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    Server()\n",
     .after = "import contextlib\n"
              "\n"
              "class Server:\n"
              "    def __init__(self):\n"
              "        self.stack = contextlib.ExitStack()\n"
              "        self.stack.callback(self.stop)\n"
              "\n"
              "    def stop(self):\n"
              "        pass\n"
              "\n"
              "for _ in range(20):\n"
              "    server = Server()\n"
              "    server.stack.close()\n"
              "del server\n",
     .link = "https://docs.python.org/3/library/contextlib.html#contextlib.ExitStack"},
    {.id = "ctypes-callback",
     .title = "a ctypes callback made of a method, stored on its object",
     .rule = {"!* .* -> ctypes.CFUNCTYPE.<locals>.CFunctionType *",
              "!* .* -> ctypes.*.CFunctionType *"},
     .reason = "the callback keeps the method, the method the object",
     .hint = "make the callback of a plain function and pass what it needs through a weak "
             "reference",
     .explanation = "A ctypes callback must be stored as long as C may call it; storing it on the "
                    "object whose method it is makes a cycle.",
     .before = "import ctypes\n"
               "\n"
               "CALLBACK = ctypes.CFUNCTYPE(None)\n"
               "\n"
               "class Device:\n"
               "    def __init__(self):\n"
               "        self.notify = CALLBACK(self.changed)\n"
               "\n"
               "    def changed(self):\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    Device()\n",
     .after = "import ctypes\n"
              "import weakref\n"
              "\n"
              "CALLBACK = ctypes.CFUNCTYPE(None)\n"
              "\n"
              "class Device:\n"
              "    def __init__(self):\n"
              "        changed = weakref.WeakMethod(self.changed)\n"
              "        self.notify = CALLBACK(lambda: changed()())\n"
              "\n"
              "    def changed(self):\n"
              "        pass\n"
              "\n"
              "for _ in range(20):\n"
              "    Device()\n",
     .link = "https://docs.python.org/3/library/ctypes.html#callback-functions"},
    {.id = "callback-in-library",
     .title = "a method as callback of a library's object that self holds",
     .rule = {"!* .* -> pyexpat.xmlparser -> method .__self__", "!* .* -> * -> method .__self__",
              "!* .* -> sqlite3.Connection -> *"},
     .reason = "the library's object keeps the callback, and that its owner",
     .hint = "give it a function that holds self weakly, or take the callback away when done",
     .explanation =
         "Parsers, connections and contexts of C libraries keep the functions they call. "
         "A method of the object that stores such a thing closes the cycle.",
     .before = "from xml.parsers import expat\n"
               "\n"
               "class Reader:\n"
               "    def __init__(self):\n"
               "        self.parser = expat.ParserCreate()\n"
               "        self.parser.StartElementHandler = self.start\n"
               "\n"
               "    def start(self, name, attributes):\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    Reader()\n",
     .after = "from xml.parsers import expat\n"
              "\n"
              "class Reader:\n"
              "    def __init__(self):\n"
              "        self.parser = expat.ParserCreate()\n"
              "        self.parser.StartElementHandler = self.start\n"
              "\n"
              "    def start(self, name, attributes):\n"
              "        pass\n"
              "\n"
              "for _ in range(20):\n"
              "    reader = Reader()\n"
              "    reader.parser.StartElementHandler = None\n"
              "del reader\n",
     .link = "https://docs.python.org/3/library/pyexpat.html"},
    {.id = "namedtuple-at-run-time",
     .title = "namedtuple() called again and again",
     .rule = {"type .__mro__ -> tuple [*]", "type * -> * .__objclass__"},
     .file = "collections/__init__.py",
     .function = "namedtuple",
     .whole = true,
     .reason = "every class refers to itself through its __mro__",
     .hint = "call namedtuple() once, at module level",
     .explanation = "Each call of namedtuple() makes a class with a dozen functions, some 5 KiB, "
                    "and a class always is a cycle. The collector frees it only if no instance is "
                    "left, and it takes a while: classes live in the old generations.",
     .before = "import collections\n"
               "\n"
               "def row(x, y):\n"
               "    Point = collections.namedtuple(\"Point\", \"x y\")\n"
               "    return Point(x, y)\n"
               "\n"
               "for number in range(5):\n"
               "    row(number, 1)\n",
     .after = "import collections\n"
              "\n"
              "Point = collections.namedtuple(\"Point\", \"x y\")\n"
              "\n"
              "def row(x, y):\n"
              "    return Point(x, y)\n"
              "\n"
              "for number in range(5):\n"
              "    row(number, 1)\n",
     .link = "https://docs.python.org/3/library/collections.html#collections.namedtuple"},
    {.id = "replaced-class",
     .title = "a class that its own module replaced",
     .rule = {"type .__mro__ -> tuple [*]", "* .__mro__ -> tuple [*]", "* * -> * .__objclass__",
              "type *"},
     .function = "<module>",
     .whole = true,
     .reason = "a class and what it defines refer to each other, always",
     .hint = "nothing, if a library did it; else define the class once",
     .explanation =
         "Modules with a version in C often define their classes in Python first and "
         "replace them by those of the C version; so do two definitions of one name. The "
         "first class is a cycle then, once for each process: nothing that grows.",
     .before = "class Row:\n"
               "    pass\n"
               "\n"
               "class Row:\n"
               "    pass\n",
     .after = "class Row:\n"
              "    pass\n",
     .link = "https://docs.python.org/3/tutorial/classes.html"},
    {.id = "enum-at-run-time",
     .title = "an Enum made inside a function",
     .rule = {"enum.EnumType *"},
     .whole = true,
     .reason = "members refer to their class, and the class to its members",
     .hint = "make the enumeration once, at module level",
     .explanation = "An enumeration is a class with members, tables of members and names: some 10 "
                    "KiB, all of it one cycle.",
     .before = "import enum\n"
               "\n"
               "def paint():\n"
               "    class Colour(enum.Enum):\n"
               "        RED = 1\n"
               "        BLUE = 2\n"
               "    return Colour.RED.value\n"
               "\n"
               "for _ in range(5):\n"
               "    paint()\n",
     .after = "import enum\n"
              "\n"
              "class Colour(enum.Enum):\n"
              "    RED = 1\n"
              "    BLUE = 2\n"
              "\n"
              "def paint():\n"
              "    return Colour.RED.value\n"
              "\n"
              "for _ in range(5):\n"
              "    paint()\n",
     .link = "https://docs.python.org/3/library/enum.html"},
    {.id = "module-globals",
     .title = "functions of a module or namespace that was dropped",
     .rule = {"function .__globals__ -> !dict [*]", "function .__globals__ -> !dict .*",
              "function .__globals__ -> !module .*"},
     .reason = "a function refers to the globals that hold it",
     .hint = "clear the namespace when done: module.__dict__.clear()",
     .explanation = "Every function refers to the globals of the module it was made in, and these "
                    "hold it. A plugin, a notebook cell or the namespace of an exec() that was "
                    "dropped is a cycle with all that it defined.",
     .before = "def load():\n"
               "    names = {}\n"
               "    exec(\"def work():\\n    return 1\\n\", names)\n"
               "    return names[\"work\"]()\n"
               "\n"
               "for _ in range(20):\n"
               "    load()\n",
     .after = "def load():\n"
              "    names = {}\n"
              "    exec(\"def work():\\n    return 1\\n\", names)\n"
              "    result = names[\"work\"]()\n"
              "    names.clear()\n"
              "    return result\n"
              "\n"
              "for _ in range(20):\n"
              "    load()\n",
     .link = "https://docs.python.org/3/library/functions.html#exec"},
};

const struct pattern_list patterns_of_runtime = {patterns, sizeof patterns / sizeof *patterns};
