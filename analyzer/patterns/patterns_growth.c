/* SPDX-License-Identifier: MIT */
/*
 * Ways to keep more and more that is not dead: caches, registries, logs. Rules are matched on the path
 * from a root to what piles up. Each program ends with the loop that leaks: tests run it turn by turn.
 */
#include "ouro/trace.h"
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "cached-method-grows",
     .title = "a cache on a method keeps every instance",
     .rule = {"type .* -> functools._lru_cache_wrapper *",
              "*.*Meta* .* -> functools._lru_cache_wrapper *"},
     .reason = "the cache's key contains self, and the cache belongs to the class",
     .hint = "cache per instance (functools.cached_property, or a dict in self), or "
             "give lru_cache a maxsize that fits",
     .explanation = "functools.lru_cache on a method keeps self as a part of the key. The "
                    "cache hangs on the class, so every instance that was ever asked "
                    "stays, with all it refers to, until maxsize others came; with "
                    "maxsize=None for ever.",
     .before = "import functools\n"
               "\n"
               "class Page:\n"
               "    def __init__(self, number):\n"
               "        self.number = number\n"
               "\n"
               "    @functools.lru_cache(maxsize=None)\n"
               "    def render(self):\n"
               "        return \"page %d\" % self.number\n"
               "\n"
               "for number in range(3000):\n"
               "    Page(number).render()\n",
     .after = "import functools\n"
              "\n"
              "class Page:\n"
              "    def __init__(self, number):\n"
              "        self.number = number\n"
              "\n"
              "    @functools.cached_property\n"
              "    def text(self):\n"
              "        return \"page %d\" % self.number\n"
              "\n"
              "for number in range(3000):\n"
              "    Page(number).text\n",
     .link = "https://docs.python.org/3/faq/programming.html#how-do-i-cache-method-calls"},
    {.id = "unbounded-cache",
     .title = "a cache without a limit",
     .rule = {"functools._lru_cache_wrapper *"},
     .reason = "every new argument is an entry for ever",
     .hint = "give the cache a maxsize, or clear it: function.cache_clear()",
     .explanation = "functools.cache, and lru_cache with maxsize=None, keep an entry for "
                    "every different argument. That is right for few arguments and a leak "
                    "for those that come from outside. Caches of typing and of other "
                    "libraries have the same form.",
     .before = "import functools\n"
               "\n"
               "@functools.lru_cache(maxsize=None)\n"
               "def answer(question):\n"
               "    return [question, question.upper()]\n"
               "\n"
               "for number in range(3000):\n"
               "    answer(\"question %d\" % number)\n",
     .after = "import functools\n"
              "\n"
              "@functools.lru_cache(maxsize=64)\n"
              "def answer(question):\n"
              "    return [question, question.upper()]\n"
              "\n"
              "for number in range(3000):\n"
              "    answer(\"question %d\" % number)\n",
     .link = "https://docs.python.org/3/library/functools.html#functools.lru_cache"},
    {.id = "singledispatch-registry",
     .title = "implementations registered again and again",
     .rule = {"function .registry -> mappingproxy * -> dict *", "* cell registry -> dict *",
              "* cell dispatch_cache"},
     .reason = "the generic function keeps every class and function it was given",
     .hint = "register implementations once, at module level, not for classes made "
             "at run time",
     .explanation = "functools.singledispatch keeps a table from class to implementation. "
                    "A class that is made at run time and registered stays in it for ever, "
                    "and all that its methods refer to.",
     .before = "import functools\n"
               "\n"
               "@functools.singledispatch\n"
               "def show(value):\n"
               "    return str(value)\n"
               "\n"
               "for number in range(3000):\n"
               "    kind = type(\"Kind%d\" % number, (), {})\n"
               "    show.register(kind, lambda value: \"kind\")\n",
     .after = "import functools\n"
              "\n"
              "@functools.singledispatch\n"
              "def show(value):\n"
              "    return str(value)\n"
              "\n"
              "class Kind:\n"
              "    pass\n"
              "\n"
              "show.register(Kind, lambda value: \"kind\")\n"
              "\n"
              "for number in range(3000):\n"
              "    show(Kind())\n",
     .link = "https://docs.python.org/3/library/functools.html#functools.singledispatch"},
    {.id = "copyreg-table",
     .title = "reducers registered again and again",
     .rule = {"* .dispatch_table -> dict *"},
     .reason = "copyreg keeps every class it was given",
     .hint = "register once, or give the class a __reduce__ method",
     .explanation = "copyreg.pickle() enters a class into a table that nothing is ever "
                    "taken from. A class made at run time stays.",
     .before = "import copyreg\n"
               "\n"
               "def reduce(value):\n"
               "    return object, ()\n"
               "\n"
               "for number in range(3000):\n"
               "    kind = type(\"Kind\", (), {})\n"
               "    copyreg.pickle(kind, reduce)\n",
     .after = "class Kind:\n"
              "    def __reduce__(self):\n"
              "        return Kind, ()\n"
              "\n"
              "for number in range(3000):\n"
              "    Kind()\n",
     .link = "https://docs.python.org/3/library/copyreg.html#copyreg.pickle"},
    {.id = "logger-per-request",
     .title = "a logger for each request",
     .rule = {"* .loggerDict -> dict *"},
     .reason = "logging keeps every logger by its name",
     .hint = "one logger for a module, and what differs from request to request as "
             "an argument, a filter or a LoggerAdapter",
     .explanation = "logging.getLogger(name) makes a logger once for each name and keeps "
                    "it for ever, with its handlers. Names must be few.",
     .before = "import logging\n"
               "\n"
               "for number in range(3000):\n"
               "    logging.getLogger(\"request.%d\" % number).debug(\"done\")\n",
     .after = "import logging\n"
              "\n"
              "log = logging.getLogger(\"request\")\n"
              "\n"
              "for number in range(3000):\n"
              "    log.debug(\"request %d done\", number)\n",
     .link = "https://docs.python.org/3/library/logging.html#logger-objects"},
    {.id = "atexit-callbacks",
     .title = "callbacks of atexit for things that end sooner",
     .rule = {"callback*atexit", "module*atexit *"},
     .reason = "atexit keeps a callback and its arguments until the end",
     .hint = "atexit.unregister() when the thing is closed, or one callback over a "
             "weakref.WeakSet, or weakref.finalize()",
     .explanation = "atexit.register(obj.close) keeps obj until the interpreter ends. That "
                    "is right for what lives so long; for what is made for a request it is "
                    "a leak.",
     .before = "import atexit\n"
               "\n"
               "class Connection:\n"
               "    def close(self):\n"
               "        pass\n"
               "\n"
               "for number in range(3000):\n"
               "    connection = Connection()\n"
               "    atexit.register(connection.close)\n",
     .after = "import weakref\n"
              "\n"
              "class Connection:\n"
              "    def __init__(self):\n"
              "        self.end = weakref.finalize(self, print, end=\"\")\n"
              "\n"
              "for number in range(3000):\n"
              "    connection = Connection()\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.finalize"},
    {.id = "weak-key-held-by-value",
     .title = "a WeakKeyDictionary whose values refer to their keys",
     .rule = {"weakref.WeakKeyDictionary .data -> dict *"},
     .reason = "the value keeps the key alive, so the entry never goes",
     .hint = "refer to the key weakly in the value, or keep the value as an "
             "attribute of the key",
     .explanation = "An entry of a WeakKeyDictionary goes when its key dies. A value that "
                    "refers to the key, directly or not, is held by the dictionary and "
                    "holds the key.",
     .before = "import weakref\n"
               "\n"
               "class Document:\n"
               "    pass\n"
               "\n"
               "EXTRA = weakref.WeakKeyDictionary()\n"
               "\n"
               "for number in range(3000):\n"
               "    document = Document()\n"
               "    EXTRA[document] = {\"document\": document}\n",
     .after = "import weakref\n"
              "\n"
              "class Document:\n"
              "    pass\n"
              "\n"
              "EXTRA = weakref.WeakKeyDictionary()\n"
              "\n"
              "for number in range(3000):\n"
              "    document = Document()\n"
              "    EXTRA[document] = {\"number\": number}\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.WeakKeyDictionary"},
    {.id = "context-chain",
     .title = "a context variable that refers to its last value",
     .rule = {"*Token *", "*Context *", "*hamt* *"},
     .reason = "each value, or its token, holds the one before",
     .hint = "reset the variable with its token when done: token = var.set(x); try: "
             "…; finally: var.reset(token)",
     .explanation = "The token that ContextVar.set() returns refers to the value before. A "
                    "value that keeps its token, or that refers to the value before it, is "
                    "the end of a chain that only grows.",
     .before = "import contextvars\n"
               "\n"
               "current = contextvars.ContextVar(\"current\", default=None)\n"
               "\n"
               "class Scope:\n"
               "    def __init__(self, outer):\n"
               "        self.outer = outer\n"
               "\n"
               "for number in range(3000):\n"
               "    current.set(Scope(current.get()))\n",
     .after = "import contextvars\n"
              "\n"
              "current = contextvars.ContextVar(\"current\", default=None)\n"
              "\n"
              "class Scope:\n"
              "    def __init__(self, outer):\n"
              "        self.outer = outer\n"
              "\n"
              "for number in range(3000):\n"
              "    token = current.set(Scope(current.get()))\n"
              "    current.reset(token)\n",
     .link = "https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar.reset"},
    {.id = "threads-that-wait",
     .title = "threads that never end",
     .rule = {"threading.Thread *", "threading.Timer *", "local*in*thread*Thread-*",
              "temporary*in*thread*Thread-*"},
     .reason = "a thread that runs holds its target, its arguments and its variables",
     .hint = "end threads: an event or a sentinel that tells them, cancel() for "
             "timers, or a pool of a fixed size",
     .explanation = "A started thread is kept by threading until its target returns, and "
                    "with it all that the target and its arguments refer to. Timers are "
                    "threads, too, until they are cancelled or have fired.",
     .before = "import threading\n"
               "\n"
               "class Job:\n"
               "    def run(self):\n"
               "        STOP.wait()\n"
               "\n"
               "STOP = threading.Event()\n"
               "THREADS = 0\n"
               "\n"
               "for number in range(3000):\n"
               "    if number % 30 == 0:\n"
               "        job = Job()\n"
               "        threading.Thread(target=job.run, daemon=True).start()\n",
     .after = "import threading\n"
              "\n"
              "class Job:\n"
              "    def run(self):\n"
              "        pass\n"
              "\n"
              "for number in range(3000):\n"
              "    if number % 30 == 0:\n"
              "        job = Job()\n"
              "        thread = threading.Thread(target=job.run, daemon=True)\n"
              "        thread.start()\n"
              "        thread.join()\n",
     .link = "https://docs.python.org/3/library/threading.html#threading.Timer.cancel"},
    {.id = "pending-tasks",
     .title = "tasks kept in a set that nobody empties",
     .rule = {"* * -> _asyncio.Task", "* * -> asyncio.tasks.Task"},
     .reason = "the collection holds each task and all that it awaited",
     .hint = "task.add_done_callback(tasks.discard), or an asyncio.TaskGroup",
     .explanation = "The event loop holds tasks weakly, so programs keep them in a set. "
                    "What is done, and what waits for ever, must leave it: the "
                    "documentation's add_done_callback(tasks.discard) does for the first, "
                    "a timeout for the second.",
     .before = "import asyncio\n"
               "\n"
               "TASKS = set()\n"
               "\n"
               "async def work(number):\n"
               "    return number\n"
               "\n"
               "async def serve():\n"
               "    TASKS.add(asyncio.ensure_future(work(1)))\n"
               "    await asyncio.sleep(0)\n"
               "\n"
               "loop = asyncio.new_event_loop()\n"
               "\n"
               "for number in range(3000):\n"
               "    loop.run_until_complete(serve())\n",
     .after = "import asyncio\n"
              "\n"
              "TASKS = set()\n"
              "\n"
              "async def work(number):\n"
              "    return number\n"
              "\n"
              "async def serve():\n"
              "    task = asyncio.ensure_future(work(1))\n"
              "    TASKS.add(task)\n"
              "    task.add_done_callback(TASKS.discard)\n"
              "    await asyncio.sleep(0)\n"
              "\n"
              "loop = asyncio.new_event_loop()\n"
              "\n"
              "for number in range(3000):\n"
              "    loop.run_until_complete(serve())\n",
     .link = "https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task"},
    {.id = "resurrected",
     .title = "objects that __del__ brings back",
     .flags = OURO_OBJECT_FINALIZED,
     .reason = "__del__ stored self where it stays",
     .hint = "do not store self in __del__; recycle objects explicitly, with a limit",
     .explanation = "A __del__ method that stores self somewhere makes it live on. It runs "
                    "once only: the object stays for as long as what it was stored in.",
     .before = "POOL = []\n"
               "\n"
               "class Buffer:\n"
               "    def __init__(self):\n"
               "        self.data = \"x\" * 50\n"
               "\n"
               "    def __del__(self):\n"
               "        POOL.append(self)\n"
               "\n"
               "for number in range(3000):\n"
               "    Buffer()\n",
     .after = "POOL = []\n"
              "\n"
              "class Buffer:\n"
              "    def __init__(self):\n"
              "        self.data = \"x\" * 50\n"
              "\n"
              "    def release(self):\n"
              "        if len(POOL) < 10:\n"
              "            POOL.append(self)\n"
              "\n"
              "for number in range(3000):\n"
              "    Buffer().release()\n",
     .link = "https://docs.python.org/3/reference/datamodel.html#object.__del__"},
    {.id = "interned-input",
     .title = "input interned without a limit",
     .flags = OURO_OBJECT_INTERNED | OURO_OBJECT_IMMORTAL,
     .reason = "an interned string is never freed by this version of Python",
     .hint = "intern only what comes from a small set; for input use a dict with a "
             "limit",
     .explanation = "From CPython 3.12 on, in 3.12 and in builds without the global lock, "
                    "sys.intern() makes a string immortal. Names of attributes and keyword "
                    "arguments are interned, too.",
     .before = "import sys\n"
               "\n"
               "for number in range(3000):\n"
               "    sys.intern(\"request %d\" % number)\n",
     .after = "import sys\n"
              "\n"
              "for number in range(3000):\n"
              "    sys.intern(\"request %d\" % (number % 20))\n",
     .link = "https://docs.python.org/3/library/sys.html#sys.intern"},
    {.id = "handler-registry",
     .title = "handlers that are registered and never removed",
     .rule = {"* * -> method", "* .*listeners -> * *", "* .*handlers -> * *",
              "* .*callbacks -> * *", "* .*subscribers -> * *", "* .*observers -> * *",
              "* .*hooks -> * *", "* .*LISTENERS -> * *", "* .*HANDLERS -> * *",
              "* .*CALLBACKS -> * *"},
     .reason = "the registry holds what is registered, and a bound method holds its object",
     .hint = "remove the handler when its object is done with, or register it as a "
             "weakref.WeakMethod",
     .explanation = "A list of callbacks with bound methods keeps the object of each. "
                    "Whoever registers for a request must unregister after it; a registry "
                    "can do without that by holding weakref.WeakMethod objects and "
                    "dropping the dead.",
     .before = "class Window:\n"
               "    def on_event(self):\n"
               "        pass\n"
               "\n"
               "HANDLERS = []\n"
               "\n"
               "for number in range(3000):\n"
               "    HANDLERS.append(Window().on_event)\n",
     .after = "import weakref\n"
              "\n"
              "class Window:\n"
              "    def on_event(self):\n"
              "        pass\n"
              "\n"
              "HANDLERS = []\n"
              "\n"
              "for number in range(3000):\n"
              "    window = Window()\n"
              "    HANDLERS.append(weakref.WeakMethod(window.on_event))\n"
              "    HANDLERS[:] = [handler for handler in HANDLERS if handler()]\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.WeakMethod"},
    {.id = "class-registry",
     .title = "a registry of classes that are made at run time",
     .rule = {"* [*] -> type", "* [*] -> *Meta*", "* * -> type"},
     .reason = "the registry holds each class, and a class all that its methods refer "
               "to",
     .hint = "make classes once, at module level; or register them in a "
             "weakref.WeakSet",
     .explanation = "Metaclasses, __init_subclass__ and decorators enter classes into "
                    "lists. A class made in a function is a new one each time. "
                    "type.__subclasses__() holds its classes weakly, and needs no registry.",
     .before = "PLUGINS = []\n"
               "\n"
               "class Plugin:\n"
               "    def __init_subclass__(cls):\n"
               "        PLUGINS.append(cls)\n"
               "\n"
               "for number in range(3000):\n"
               "    class Special(Plugin):\n"
               "        pass\n",
     .after = "class Plugin:\n"
              "    pass\n"
              "\n"
              "class Special(Plugin):\n"
              "    pass\n"
              "\n"
              "for number in range(3000):\n"
              "    Special()\n",
     .link = "https://docs.python.org/3/library/stdtypes.html#type.__subclasses__"},
    {.id = "dict-keyed-by-id",
     .title = "a dict keyed by numbers that only grows",
     .rule = {"dict * -> *"},
     .key = "int",
     .reason = "a number does not die, so nothing tells that its entry can go",
     .hint = "key by the object in a weakref.WeakKeyDictionary, or delete the entry "
             "when the object or request is done with",
     .explanation = "A dict keyed by id(x), a serial number or the number of a file or "
                    "connection keeps its values until somebody deletes them. Where the "
                    "key stands for an object, a WeakKeyDictionary or an attribute of the "
                    "object does so by itself.",
     .before = "class Request:\n"
               "    def __init__(self, number):\n"
               "        self.number = number\n"
               "\n"
               "STATE = {}\n"
               "\n"
               "for number in range(3000):\n"
               "    STATE[number + 1000000] = Request(number)\n",
     .after = "class Request:\n"
              "    def __init__(self, number):\n"
              "        self.number = number\n"
              "\n"
              "STATE = {}\n"
              "\n"
              "for number in range(3000):\n"
              "    STATE[number + 1000000] = Request(number)\n"
              "    del STATE[number + 1000000]\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.WeakKeyDictionary"},
    {.id = "log-that-grows",
     .title = "a list that is only ever appended to",
     .rule = {"list * -> *"},
     .reason = "nothing takes out what is put in",
     .hint = "keep the last ones only: collections.deque(maxlen=…); or write them "
             "out and clear the list",
     .explanation = "A list in a module or in an object that lives as long as the program, "
                    "to which each request appends: history, metrics, errors. It needs a "
                    "limit or somebody who empties it.",
     .before = "class Event:\n"
               "    def __init__(self, number):\n"
               "        self.number = number\n"
               "\n"
               "HISTORY = []\n"
               "\n"
               "for number in range(3000):\n"
               "    HISTORY.append(Event(number))\n",
     .after = "import collections\n"
              "\n"
              "class Event:\n"
              "    def __init__(self, number):\n"
              "        self.number = number\n"
              "\n"
              "HISTORY = collections.deque(maxlen=100)\n"
              "\n"
              "for number in range(3000):\n"
              "    HISTORY.append(Event(number))\n",
     .link = "https://docs.python.org/3/library/collections.html#collections.deque"},
};

const struct pattern_list patterns_of_growth = {patterns, sizeof patterns / sizeof *patterns};
