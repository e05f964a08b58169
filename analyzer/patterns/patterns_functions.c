/* SPDX-License-Identifier: MIT */
/* Methods, closures, caches, modules and classes. */
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "cached-method",
     .title = "a cache around a method, stored on its object",
     .rule = {"!* .* -> functools._lru_cache_wrapper", "!* .* -> functools._lru_cache_wrapper *"},
     .reason = "the cache keeps the bound method, and that the object",
     .hint = "use functools.cached_property, or a dict on the object as the cache",
     .explanation = "functools.lru_cache around self.method keeps the bound method, and the cached "
                    "arguments and results. (On the function in the class body it is worse: then "
                    "the cache of the class keeps every object.)",
     .before = "import functools\n"
               "\n"
               "class Table:\n"
               "    def __init__(self):\n"
               "        self.find = functools.lru_cache(maxsize=None)(self._find)\n"
               "\n"
               "    def _find(self, key):\n"
               "        return key * 2\n"
               "\n"
               "for _ in range(20):\n"
               "    Table()\n",
     .after = "class Table:\n"
              "    def __init__(self):\n"
              "        self.found = {}\n"
              "\n"
              "    def find(self, key):\n"
              "        if key not in self.found:\n"
              "            self.found[key] = key * 2\n"
              "        return self.found[key]\n"
              "\n"
              "for _ in range(20):\n"
              "    Table().find(1)\n",
     .link = "https://docs.python.org/3/faq/programming.html#how-do-i-cache-method-calls"},
    {.id = "bound-method",
     .title = "a bound method stored on its own object",
     .rule = {"!* .* -> method .__self__", "!* [*] -> method .__self__"},
     .reason = "a bound method refers to the object that stores it",
     .hint = "store the function (type(self).method), a name for getattr(), or "
             "weakref.WeakMethod(self.method)",
     .explanation =
         "self.method is a new object that refers to self. Stored on self, or in a table "
         "of self, it is a cycle.",
     .before = "class Button:\n"
               "    def __init__(self):\n"
               "        self.on_click = self.click\n"
               "\n"
               "    def click(self):\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    Button()\n",
     .after = "import weakref\n"
              "\n"
              "class Button:\n"
              "    def __init__(self):\n"
              "        self.on_click = weakref.WeakMethod(self.click)\n"
              "\n"
              "    def click(self):\n"
              "        pass\n"
              "\n"
              "for _ in range(20):\n"
              "    Button()\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.WeakMethod"},
    {.id = "partial-over-self",
     .title = "a functools.partial over self, stored on self",
     .rule = {"!* .* -> functools.partial .*", "!* [*] -> functools.partial .*"},
     .reason = "the partial refers to the object that stores it",
     .hint = "make it where it is called, or let it hold weakref.ref(self)",
     .explanation = "functools.partial keeps its arguments. With self among them, and stored on "
                    "self, it is a cycle.",
     .before = "import functools\n"
               "\n"
               "class Button:\n"
               "    def __init__(self):\n"
               "        self.on_click = functools.partial(Button.click, self)\n"
               "\n"
               "    def click(self):\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    Button()\n",
     .after = "import functools\n"
              "import weakref\n"
              "\n"
              "class Button:\n"
              "    def __init__(self):\n"
              "        self.on_click = functools.partial(Button.click, weakref.ref(self))\n"
              "\n"
              "    def click(self):\n"
              "        pass\n"
              "\n"
              "for _ in range(20):\n"
              "    Button()\n",
     .link = "https://docs.python.org/3/library/functools.html#functools.partial"},
    {.id = "recursive-closure",
     .title = "an inner function or lambda that calls itself",
     .rule =
         {"= function .__closure__ -> tuple [*] -> !cell .cell_contents", "= !function cell *",
          "= function .__closure__ -> tuple [*] -> !cell .cell_contents -> function .__closure__ -> tuple [*] -> cell .cell_contents"},
     .reason = "an inner function that refers to itself through its closure",
     .hint = "move the function to module level, pass it as an argument, or set the name to "
             "None when done",
     .explanation = "A function finds an outer variable through its closure. If that variable is "
                    "the function itself, function, closure and cell hold each other after the "
                    "outer function returned, once for every call.",
     .before = "def depth(tree):\n"
               "    def walk(node):\n"
               "        return 1 + max((walk(child) for child in node), default=0)\n"
               "    return walk(tree)\n"
               "\n"
               "for _ in range(20):\n"
               "    depth([[], [[]]])\n",
     .after = "def walk(node):\n"
              "    return 1 + max((walk(child) for child in node), default=0)\n"
              "\n"
              "def depth(tree):\n"
              "    return walk(tree)\n"
              "\n"
              "for _ in range(20):\n"
              "    depth([[], [[]]])\n",
     .link = "https://docs.python.org/3/reference/executionmodel.html#binding-of-names"},
    {.id = "closure-on-instance",
     .title = "a closure over self, stored on self",
     .rule = {"!* .* -> function .__closure__", "!* [*] -> function .__closure__"},
     .reason = "the function's closure refers to the object that stores it",
     .hint = "make it a method, or close over weakref.ref(self)",
     .explanation = "An inner function or lambda that uses self keeps it. Stored on self it is a "
                    "cycle.",
     .before = "class Watcher:\n"
               "    def __init__(self):\n"
               "        self.notify = lambda: self.changed()\n"
               "\n"
               "    def changed(self):\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    Watcher()\n",
     .after = "import weakref\n"
              "\n"
              "class Watcher:\n"
              "    def __init__(self):\n"
              "        own = weakref.ref(self)\n"
              "        self.notify = lambda: own().changed()\n"
              "\n"
              "    def changed(self):\n"
              "        pass\n"
              "\n"
              "for _ in range(20):\n"
              "    Watcher()\n",
     .link = "https://docs.python.org/3/reference/executionmodel.html#binding-of-names"},
    {.id = "default-argument",
     .title = "an object as default argument of a function stored on it",
     .rule = {"!* .* -> function .__defaults__", "!* .* -> function .__kwdefaults__"},
     .reason = "the function's defaults refer to the object that stores it",
     .hint = "pass it when calling, or let the default be weakref.ref(self)",
     .explanation = "The default values of a function live as long as the function.",
     .before = "class Form:\n"
               "    def __init__(self):\n"
               "        self.submit = lambda form=self: form\n"
               "\n"
               "for _ in range(20):\n"
               "    Form()\n",
     .after = "import weakref\n"
              "\n"
              "class Form:\n"
              "    def __init__(self):\n"
              "        self.submit = lambda form=weakref.ref(self): form()\n"
              "\n"
              "for _ in range(20):\n"
              "    Form()\n",
     .link = "https://docs.python.org/3/reference/compound_stmts.html#function-definitions"},
    {.id = "function-attribute",
     .title = "an attribute of a function that leads back to it",
     .rule = {"!function .* -> function *"},
     .reason = "an attribute of the function leads back to it",
     .hint = "keep it in a variable of the module, or pass it as an argument",
     .explanation = "Attributes of functions, as decorators set them (__wrapped__, cache, "
                    "original), are references like any other.",
     .before = "def decorate():\n"
               "    def outer():\n"
               "        pass\n"
               "    def inner():\n"
               "        pass\n"
               "    outer.inner = inner\n"
               "    inner.outer = outer\n"
               "\n"
               "for _ in range(20):\n"
               "    decorate()\n",
     .after = "def decorate():\n"
              "    def outer():\n"
              "        pass\n"
              "    def inner():\n"
              "        pass\n"
              "    outer.inner = inner\n"
              "\n"
              "for _ in range(20):\n"
              "    decorate()\n",
     .link = "https://docs.python.org/3/library/functools.html#functools.update_wrapper"},
    {.id = "class-at-run-time",
     .title = "a class made inside a function",
     .rule = {"type .__mro__ -> tuple [*]", "* .__mro__ -> tuple [*]", "* * -> * .__objclass__",
              "!type .*", "abc.ABCMeta *", "type *"},
     .whole = true,
     .reason = "a class and what it defines refer to each other, always",
     .hint = "make the class once, at module level, not at each call",
     .explanation = "A class is part of its own __mro__, and its descriptors refer to it, so a "
                    "class that was dropped always waits for the collector. One class takes 1 to 5 "
                    "KiB.",
     .before = "def table():\n"
               "    class Row:\n"
               "        pass\n"
               "    return Row().__class__.__name__\n"
               "\n"
               "for _ in range(5):\n"
               "    table()\n",
     .after = "class Row:\n"
              "    pass\n"
              "\n"
              "def table():\n"
              "    return Row().__class__.__name__\n"
              "\n"
              "for _ in range(5):\n"
              "    table()\n",
     .link = "https://docs.python.org/3/tutorial/classes.html"},
};

const struct pattern_list patterns_of_functions = {patterns, sizeof patterns / sizeof *patterns};
