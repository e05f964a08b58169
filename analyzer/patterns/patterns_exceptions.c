/* SPDX-License-Identifier: MIT */
/* Exceptions, tracebacks and frames. */
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "exc-info-in-local",
     .title = "the result of sys.exc_info() in a variable",
     .rule = {"traceback .tb_frame -> !* local * -> tuple [*]"},
     .reason = "the traceback in the tuple refers to the frame of the variable",
     .hint = "`del {name}` in a finally block, or use the exception itself: except ... as "
             "error",
     .explanation = "sys.exc_info() gives the exception with its traceback, and the traceback "
                    "refers to the frame that handles the exception. A variable of that frame "
                    "closes the cycle, and everything in the frame's variables hangs on it.",
     .before = "import sys\n"
               "\n"
               "def attempt(table, key):\n"
               "    try:\n"
               "        return table[key]\n"
               "    except KeyError:\n"
               "        info = sys.exc_info()\n"
               "    return info[0].__name__\n"
               "\n"
               "for number in range(20):\n"
               "    attempt({}, number)\n",
     .after = "import sys\n"
              "\n"
              "def attempt(table, key):\n"
              "    try:\n"
              "        return table[key]\n"
              "    except KeyError:\n"
              "        info = sys.exc_info()\n"
              "    try:\n"
              "        return info[0].__name__\n"
              "    finally:\n"
              "        del info\n"
              "\n"
              "for number in range(20):\n"
              "    attempt({}, number)\n",
     .link = "https://docs.python.org/3/library/sys.html#sys.exc_info"},
    {.id = "exception-context",
     .title = "an exception kept in a variable, with another as its context",
     .rule = {"traceback .tb_frame -> !* local * -> * .__context__"},
     .reason = "a variable keeps an exception whose context passed through its frame",
     .hint = "`del {name}` when done, or raise ... from None",
     .explanation = "An exception raised while another one is handled keeps that one as its "
                    "__context__, with its traceback and the variables of all frames it passed.",
     .before = "def attempt(table, key):\n"
               "    saved = None\n"
               "    try:\n"
               "        try:\n"
               "            table[key]\n"
               "        except KeyError:\n"
               "            1 // len(table)\n"
               "    except ZeroDivisionError as error:\n"
               "        saved = error\n"
               "        saved.__traceback__ = None\n"
               "    return saved is None\n"
               "\n"
               "for number in range(20):\n"
               "    attempt({}, number)\n",
     .after = "def attempt(table, key):\n"
              "    saved = None\n"
              "    try:\n"
              "        try:\n"
              "            table[key]\n"
              "        except KeyError:\n"
              "            1 // len(table)\n"
              "    except ZeroDivisionError as error:\n"
              "        saved = error\n"
              "        saved.__traceback__ = None\n"
              "    try:\n"
              "        return saved is None\n"
              "    finally:\n"
              "        del saved\n"
              "\n"
              "for number in range(20):\n"
              "    attempt({}, number)\n",
     .link = "https://docs.python.org/3/library/exceptions.html#exception-context"},
    {.id = "exception-cause",
     .title = "an exception kept in a variable, with another as its cause",
     .rule = {"traceback .tb_frame -> !* local * -> * .__cause__"},
     .reason = "a variable keeps an exception whose cause passed through its frame",
     .hint = "`del {name}` when done, or raise ... from None",
     .explanation = "`raise A from B` keeps B as the __cause__ of A, with its traceback and the "
                    "variables of all frames it passed.",
     .before = "class Failed(Exception):\n"
               "    pass\n"
               "\n"
               "def attempt(table, key):\n"
               "    saved = Failed(key)\n"
               "    try:\n"
               "        table[key]\n"
               "    except KeyError as error:\n"
               "        saved.__cause__ = error\n"
               "    return saved is None\n"
               "\n"
               "for number in range(20):\n"
               "    attempt({}, number)\n",
     .after = "class Failed(Exception):\n"
              "    pass\n"
              "\n"
              "def attempt(table, key):\n"
              "    saved = Failed(key)\n"
              "    try:\n"
              "        table[key]\n"
              "    except KeyError as error:\n"
              "        saved.__cause__ = error\n"
              "    try:\n"
              "        return saved is None\n"
              "    finally:\n"
              "        del saved\n"
              "\n"
              "for number in range(20):\n"
              "    attempt({}, number)\n",
     .link = "https://docs.python.org/3/library/exceptions.html#exception-context"},
    {.id = "future-exception",
     .title = "a future kept in the frame that its exception passed",
     .rule = {"traceback .tb_frame -> !* local * -> concurrent.futures._base.Future ._exception"},
     .reason = "the future keeps the exception, its traceback the frame, the frame the future",
     .hint = "`del {name}` in a finally block",
     .explanation = "A Future keeps the exception it failed with. Once the exception was raised by "
                    "result() its traceback refers to the frame that called it, which has the "
                    "future in a variable.",
     .before = "from concurrent.futures import Future\n"
               "\n"
               "def attempt():\n"
               "    future = Future()\n"
               "    future.set_exception(ValueError())\n"
               "    try:\n"
               "        future.result()\n"
               "    except ValueError:\n"
               "        return 1\n"
               "\n"
               "for _ in range(20):\n"
               "    attempt()\n",
     .after = "from concurrent.futures import Future\n"
              "\n"
              "def attempt():\n"
              "    future = Future()\n"
              "    future.set_exception(ValueError())\n"
              "    try:\n"
              "        future.result()\n"
              "    except ValueError:\n"
              "        return 1\n"
              "    finally:\n"
              "        del future\n"
              "\n"
              "for _ in range(20):\n"
              "    attempt()\n",
     .link = "https://docs.python.org/3/library/concurrent.futures.html#future-objects"},
    {.id = "exception-in-container",
     .title = "an exception collected in a list of the frame that caught it",
     .rule = {"traceback .tb_frame -> !* local * -> list [*]",
              "traceback .tb_frame -> !* local * -> dict [*]",
              "traceback .tb_frame -> !* local * -> collections.deque [*]",
              "traceback .tb_frame -> !* local * -> set [*]"},
     .reason = "the container is a variable of a frame that the exception passed",
     .hint = "keep str(error), or clear it: error.__traceback__ = None before storing it",
     .explanation = "Collecting exceptions to report them later keeps the frames they passed "
                    "through, with all variables, the collection included.",
     .before = "def attempt(table, keys):\n"
               "    errors = []\n"
               "    for key in keys:\n"
               "        try:\n"
               "            table[key]\n"
               "        except KeyError as error:\n"
               "            errors.append(error)\n"
               "    return len(errors)\n"
               "\n"
               "for number in range(20):\n"
               "    attempt({}, [number])\n",
     .after = "def attempt(table, keys):\n"
              "    errors = []\n"
              "    for key in keys:\n"
              "        try:\n"
              "            table[key]\n"
              "        except KeyError as error:\n"
              "            error.__traceback__ = None\n"
              "            errors.append(error)\n"
              "    return len(errors)\n"
              "\n"
              "for number in range(20):\n"
              "    attempt({}, [number])\n",
     .link = "https://docs.python.org/3/reference/compound_stmts.html#the-try-statement"},
    {.id = "exception-on-instance",
     .title = "an exception stored on an object whose method caught it",
     .rule = {"traceback .tb_frame -> * local * -> !* .* -> * .__traceback__"},
     .reason = "the traceback refers to a frame whose variable (self) is the object",
     .hint = "store str(error), or error.with_traceback(None)",
     .explanation = "self.error = error keeps the frame of the method, and the frame keeps self.",
     .before = "class Job:\n"
               "    def run(self):\n"
               "        try:\n"
               "            {}[\"key\"]\n"
               "        except KeyError as error:\n"
               "            self.error = error\n"
               "\n"
               "for _ in range(20):\n"
               "    Job().run()\n",
     .after = "class Job:\n"
              "    def run(self):\n"
              "        try:\n"
              "            {}[\"key\"]\n"
              "        except KeyError as error:\n"
              "            self.error = error.with_traceback(None)\n"
              "\n"
              "for _ in range(20):\n"
              "    Job().run()\n",
     .link = "https://docs.python.org/3/reference/compound_stmts.html#the-try-statement"},
    {.id = "traceback-in-local",
     .title = "a traceback kept in a variable of a frame it refers to",
     .rule = {"= traceback .tb_frame -> !* local *"},
     .reason = "the traceback refers to the frame of the variable",
     .hint = "`del {name}` in a finally block",
     .explanation = "A traceback refers to every frame between the handler and the place of the "
                    "exception. Kept in a variable of one of these it is a cycle.",
     .before = "def attempt(table, key):\n"
               "    trace = None\n"
               "    try:\n"
               "        table[key]\n"
               "    except KeyError as error:\n"
               "        trace = error.__traceback__\n"
               "    return trace.tb_lineno\n"
               "\n"
               "for number in range(20):\n"
               "    attempt({}, number)\n",
     .after = "def attempt(table, key):\n"
              "    trace = None\n"
              "    try:\n"
              "        table[key]\n"
              "    except KeyError as error:\n"
              "        trace = error.__traceback__\n"
              "    try:\n"
              "        return trace.tb_lineno\n"
              "    finally:\n"
              "        del trace\n"
              "\n"
              "for number in range(20):\n"
              "    attempt({}, number)\n",
     .link = "https://docs.python.org/3/reference/datamodel.html#traceback-objects"},
    {.id = "exception-in-local",
     .title = "an exception kept in a variable of a frame it passed through",
     .rule = {"traceback .tb_frame -> !* local *", "!* .__traceback__"},
     .reason = "the traceback of the exception refers to the frame that keeps it",
     .hint = "`del` the variable in a finally block, or set the exception's __traceback__ to "
             "None",
     .explanation = "Python itself deletes the name of `except ... as error` at the end of the "
                    "block for this reason. Any other variable that keeps the exception closes the "
                    "cycle: exception, traceback, frame, variable.",
     .before = "def attempt(table, key):\n"
               "    saved = None\n"
               "    try:\n"
               "        table[key]\n"
               "    except KeyError as error:\n"
               "        saved = error\n"
               "    return saved is None\n"
               "\n"
               "for number in range(20):\n"
               "    attempt({}, number)\n",
     .after = "def attempt(table, key):\n"
              "    saved = None\n"
              "    try:\n"
              "        table[key]\n"
              "    except KeyError as error:\n"
              "        saved = error\n"
              "    try:\n"
              "        return saved is None\n"
              "    finally:\n"
              "        del saved\n"
              "\n"
              "for number in range(20):\n"
              "    attempt({}, number)\n",
     .link = "https://docs.python.org/3/reference/compound_stmts.html#the-try-statement"},
    {.id = "frame-info-in-local",
     .title = "the result of inspect.stack() in a variable",
     .rule = {"!* local * -> list [*] -> inspect.FrameInfo *", "!* local * -> inspect.FrameInfo *",
              "!* local * -> inspect.Traceback *"},
     .reason = "the records refer to the frame of the variable",
     .hint = "`del {name}` in a finally block, or take what is needed out of it at once",
     .explanation =
         "inspect.stack() and inspect.currentframe() give frames, the caller's own among "
         "them.",
     .before = "import inspect\n"
               "\n"
               "def where():\n"
               "    records = inspect.stack(0)\n"
               "    return records[0].lineno\n"
               "\n"
               "for _ in range(5):\n"
               "    where()\n",
     .after = "import inspect\n"
              "\n"
              "def where():\n"
              "    records = inspect.stack(0)\n"
              "    try:\n"
              "        return records[0].lineno\n"
              "    finally:\n"
              "        del records\n"
              "\n"
              "for _ in range(5):\n"
              "    where()\n",
     .link = "https://docs.python.org/3/library/inspect.html#the-interpreter-stack"},
    {.id = "frame-in-local",
     .title = "a frame kept in one of its own variables",
     .rule = {"= !frame local *", "frame .f_locals -> !dict [*]"},
     .reason = "a local variable leads back to its own frame",
     .hint = "`del {name}` in a finally block",
     .explanation = "sys._getframe() and inspect.currentframe() give the running frame. Its "
                    "variables are part of it, so one that holds the frame is a cycle.",
     .before = "import sys\n"
               "\n"
               "def where():\n"
               "    here = sys._getframe()\n"
               "    return here.f_lineno\n"
               "\n"
               "for _ in range(20):\n"
               "    where()\n",
     .after = "import sys\n"
              "\n"
              "def where():\n"
              "    here = sys._getframe()\n"
              "    try:\n"
              "        return here.f_lineno\n"
              "    finally:\n"
              "        del here\n"
              "\n"
              "for _ in range(20):\n"
              "    where()\n",
     .link = "https://docs.python.org/3/library/inspect.html#the-interpreter-stack"},
    {.id = "frame-on-instance",
     .title = "a frame stored on an object that is one of its variables",
     .rule = {"!* .* -> frame local *", "!* [*] -> frame local *"},
     .reason = "the frame's variables lead back to what holds the frame",
     .hint = "store what is needed of it (file, line) instead of the frame",
     .explanation = "A stored frame keeps all its variables, self among them.",
     .before = "import sys\n"
               "\n"
               "class Logger:\n"
               "    def mark(self):\n"
               "        self.frame = sys._getframe()\n"
               "\n"
               "for _ in range(20):\n"
               "    Logger().mark()\n",
     .after = "import sys\n"
              "\n"
              "class Logger:\n"
              "    def mark(self):\n"
              "        self.line = sys._getframe().f_lineno\n"
              "\n"
              "for _ in range(20):\n"
              "    Logger().mark()\n",
     .link = "https://docs.python.org/3/library/inspect.html#the-interpreter-stack"},
};

const struct pattern_list patterns_of_exceptions = {patterns, sizeof patterns / sizeof *patterns};
