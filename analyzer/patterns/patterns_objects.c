/* SPDX-License-Identifier: MIT */
/* Objects that know each other. */
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "self-reference",
     .title = "an object that refers to itself",
     .rule = {"= !* .*"},
     .reason = "the object refers to itself",
     .hint = "do not store self in self.{name}; pass it where it is needed, or let None mean "
             "it",
     .explanation = "The shortest of all cycles. A node that is its own root, a state that is its "
                    "own default, a ring of one.",
     .before = "class Point:\n"
               "    def __init__(self):\n"
               "        self.origin = self\n"
               "\n"
               "for _ in range(20):\n"
               "    Point()\n",
     .after = "class Point:\n"
              "    def __init__(self):\n"
              "        self.origin = None\n"
              "\n"
              "for _ in range(20):\n"
              "    Point()\n",
     .link = "https://docs.python.org/3/library/weakref.html"},
    {.id = "parent-pointer",
     .title = "a child that refers to its parent",
     .rule = {"!* .parent", "!* ._parent", "!* .__parent", "!* .*__parent", "!* .parentNode",
              "!* .parent_node", "!* .up", "!* ['parent']", "!* ['_parent']", "!* ['up']"},
     .reason = "parent pointer",
     .hint = "keep the way up weak: put a weakref.ref(...) into {name}",
     .explanation = "The parent owns its children; the children only need to find it. A weak "
                    "reference finds it as long as it lives, and does not keep it alive.",
     .before = "class Node:\n"
               "    def __init__(self, parent=None):\n"
               "        self.parent = parent\n"
               "        self.children = []\n"
               "        if parent:\n"
               "            parent.children.append(self)\n"
               "\n"
               "for _ in range(20):\n"
               "    Node(Node())\n",
     .after = "import weakref\n"
              "\n"
              "class Node:\n"
              "    def __init__(self, parent=None):\n"
              "        self.parent = weakref.ref(parent) if parent else None\n"
              "        self.children = []\n"
              "        if parent:\n"
              "            parent.children.append(self)\n"
              "\n"
              "for _ in range(20):\n"
              "    Node(Node())\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.ref"},
    {.id = "owner-pointer",
     .title = "a part that refers to its owner",
     .rule = {"!* .owner", "!* ._owner", "!* .container", "!* ._container", "!* .root", "!* ._root",
              "!* .manager", "!* ._manager", "!* .controller", "!* ['owner']", "!* ['root']"},
     .reason = "back pointer to the owner",
     .hint = "keep the way back weak: put a weakref.ref(...) into {name}",
     .explanation =
         "As with parents: the owner keeps its parts, the parts must not keep the owner.",
     .before = "class Part:\n"
               "    def __init__(self, owner):\n"
               "        self.owner = owner\n"
               "\n"
               "class Machine:\n"
               "    def __init__(self):\n"
               "        self.part = Part(self)\n"
               "\n"
               "for _ in range(20):\n"
               "    Machine()\n",
     .after = "import weakref\n"
              "\n"
              "class Part:\n"
              "    def __init__(self, owner):\n"
              "        self.owner = weakref.proxy(owner)\n"
              "\n"
              "class Machine:\n"
              "    def __init__(self):\n"
              "        self.part = Part(self)\n"
              "\n"
              "for _ in range(20):\n"
              "    Machine()\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.proxy"},
    {.id = "back-link",
     .title = "the back link of a doubly linked list",
     .rule = {"!* .prev", "!* ._prev", "!* .previous", "!* ._previous", "!* .left_sibling",
              "!* .previous_sibling", "!* ['prev']", "!* ['previous']"},
     .reason = "back link of a linked list",
     .hint = "keep the way back weak: put a weakref.ref(...) into {name}",
     .explanation =
         "In a doubly linked list every two neighbours are a cycle. With weak back links "
         "only the forward links own.",
     .before = "class Link:\n"
               "    def __init__(self, prev=None):\n"
               "        self.prev = prev\n"
               "        self.next = None\n"
               "        if prev:\n"
               "            prev.next = self\n"
               "\n"
               "for _ in range(20):\n"
               "    Link(Link())\n",
     .after = "import weakref\n"
              "\n"
              "class Link:\n"
              "    def __init__(self, prev=None):\n"
              "        self.prev = weakref.ref(prev) if prev else None\n"
              "        self.next = None\n"
              "        if prev:\n"
              "            prev.next = self\n"
              "\n"
              "for _ in range(20):\n"
              "    Link(Link())\n",
     .link = "https://docs.python.org/3/library/weakref.html"},
    {.id = "observer",
     .title = "callbacks that lead back to what calls them",
     .rule = {"!* .callbacks", "!* ._callbacks", "!* .callback", "!* .handlers", "!* ._handlers",
              "!* .listeners", "!* ._listeners", "!* .observers", "!* ._observers",
              "!* .subscribers"},
     .reason = "registered callbacks lead back",
     .hint = "hold the callbacks weakly: weakref.WeakMethod, weakref.WeakSet",
     .explanation = "A subject calls its observers and need not own them; the observers own the "
                    "subject.",
     .before = "class View:\n"
               "    def __init__(self, model):\n"
               "        self.model = model\n"
               "        model.observers.append(self)\n"
               "\n"
               "class Model:\n"
               "    def __init__(self):\n"
               "        self.observers = []\n"
               "\n"
               "for _ in range(20):\n"
               "    View(Model())\n",
     .after = "import weakref\n"
              "\n"
              "class View:\n"
              "    def __init__(self, model):\n"
              "        self.model = model\n"
              "        model.observers.add(self)\n"
              "\n"
              "class Model:\n"
              "    def __init__(self):\n"
              "        self.observers = weakref.WeakSet()\n"
              "\n"
              "for _ in range(20):\n"
              "    View(Model())\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.WeakSet"},
    {.id = "weakref-callback",
     .title = "a weak reference whose callback refers to what keeps it",
     .rule = {"!weakref.ReferenceType .__callback__", "!* .__callback__"},
     .reason = "the callback refers to the object that keeps the weak reference",
     .hint = "make the callback a function that holds its object weakly: "
             "weakref.WeakMethod(self.method)",
     .explanation = "A weak reference does not keep what it refers to, but it does keep its "
                    "callback. A bound method as callback keeps self, and self keeps the weak "
                    "reference.",
     .before = "import weakref\n"
               "\n"
               "class Key:\n"
               "    pass\n"
               "\n"
               "KEY = Key()\n"
               "\n"
               "class Cache:\n"
               "    def __init__(self):\n"
               "        self.watch = weakref.ref(KEY, self.forget)\n"
               "\n"
               "    def forget(self, reference):\n"
               "        pass\n"
               "\n"
               "for _ in range(20):\n"
               "    Cache()\n",
     .after = "import weakref\n"
              "\n"
              "class Key:\n"
              "    pass\n"
              "\n"
              "KEY = Key()\n"
              "\n"
              "class Cache:\n"
              "    def __init__(self):\n"
              "        def forget(reference, own=weakref.ref(self)):\n"
              "            cache = own()\n"
              "            if cache is not None:\n"
              "                cache.watch = None\n"
              "        self.watch = weakref.ref(KEY, forget)\n"
              "\n"
              "for _ in range(20):\n"
              "    Cache()\n",
     .link = "https://docs.python.org/3/library/weakref.html#weakref.WeakMethod"},
};

const struct pattern_list patterns_of_objects = {patterns, sizeof patterns / sizeof *patterns};
