/* SPDX-License-Identifier: MIT */
/* Containers and iterators. */
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "self-container",
     .title = "a container that holds itself",
     .rule = {"= !list [*]", "= !dict [*]", "= !collections.* [*]", "= !set [*]", "= !*dict [*]"},
     .reason = "the container holds itself",
     .hint = "do not put it into itself; to hand it on, pass it as an argument",
     .explanation = "Template scopes (scope['self'] = scope), configuration trees and vars(object) "
                    "stored on the object itself are such containers.",
     .before = "def scope():\n"
               "    names = {\"title\": \"page\"}\n"
               "    names[\"self\"] = names\n"
               "\n"
               "for _ in range(20):\n"
               "    scope()\n",
     .after = "def scope():\n"
              "    names = {\"title\": \"page\"}\n"
              "    names[\"self\"] = None\n"
              "\n"
              "for _ in range(20):\n"
              "    scope()\n",
     .link = "https://docs.python.org/3/library/gc.html"},
    {.id = "tuple-in-its-list",
     .title = "a tuple in a container that the tuple holds",
     .rule = {"= tuple [*] -> !list [*]", "= tuple [*] -> !dict [*]",
              "= tuple [*] -> !collections.deque [*]", "= tuple [*] -> !set [*]"},
     .reason = "the container holds a tuple that refers to it",
     .hint = "take the tuple out when it is done with, or put something else into it",
     .explanation = "Queues of (queue, item) or callbacks with their arguments do this: the tuple "
                    "cannot let go of the container, so the container must let go of the tuple.",
     .before = "def schedule():\n"
               "    waiting = []\n"
               "    waiting.append((waiting, 1000))\n"
               "\n"
               "for _ in range(20):\n"
               "    schedule()\n",
     .after = "def schedule():\n"
              "    waiting = []\n"
              "    waiting.append((waiting, 1000))\n"
              "    waiting.pop()\n"
              "\n"
              "for _ in range(20):\n"
              "    schedule()\n",
     .link = "https://docs.python.org/3/library/gc.html"},
    {.id = "itertools-in-its-list",
     .title = "an iterator of itertools in the container it walks",
     .rule = {"!* [*] -> itertools.*"},
     .reason = "the container holds the iterator, and the iterator the container",
     .hint = "keep the iterator in a variable, or exhaust it",
     .explanation = "Iterators of itertools hold what they iterate over until they are exhausted.",
     .before = "import itertools\n"
               "\n"
               "def turns():\n"
               "    players = [\"a\", \"b\"]\n"
               "    players.append(itertools.cycle(players))\n"
               "\n"
               "for _ in range(20):\n"
               "    turns()\n",
     .after = "import itertools\n"
              "\n"
              "def turns():\n"
              "    players = [\"a\", \"b\"]\n"
              "    turn = itertools.cycle(players)\n"
              "    return next(turn)\n"
              "\n"
              "for _ in range(20):\n"
              "    turns()\n",
     .link = "https://docs.python.org/3/library/itertools.html"},
    {.id = "iterator-in-its-list",
     .title = "an iterator in the container it walks",
     .rule = {"!* [*] -> *_iterator", "!* [*] -> *_iterator *", "!* .* -> *_iterator *"},
     .reason = "the container holds its own iterator",
     .hint = "keep the iterator in a variable, or exhaust it",
     .explanation = "An iterator refers to its container until it is exhausted.",
     .before = "def walk():\n"
               "    pending = [1, 2]\n"
               "    pending.append(iter(pending))\n"
               "\n"
               "for _ in range(20):\n"
               "    walk()\n",
     .after = "def walk():\n"
              "    pending = [1, 2]\n"
              "    walker = iter(pending)\n"
              "    return next(walker)\n"
              "\n"
              "for _ in range(20):\n"
              "    walk()\n",
     .link = "https://docs.python.org/3/glossary.html#term-iterator"},
    {.id = "default-factory",
     .title = "a defaultdict whose factory leads back to it",
     .rule = {"!collections.defaultdict .default_factory"},
     .reason = "the factory refers to what holds the dict",
     .hint = "use a function that is no method, or handle the missing key where it is looked "
             "up",
     .explanation =
         "A bound method or a closure as default_factory refers to the object it belongs "
         "to, which holds the defaultdict.",
     .before = "import collections\n"
               "\n"
               "class Tree:\n"
               "    def __init__(self):\n"
               "        self.branches = collections.defaultdict(self.grow)\n"
               "\n"
               "    def grow(self):\n"
               "        return 0\n"
               "\n"
               "for _ in range(20):\n"
               "    Tree()\n",
     .after = "import collections\n"
              "\n"
              "class Tree:\n"
              "    def __init__(self):\n"
              "        self.branches = collections.defaultdict(int)\n"
              "\n"
              "for _ in range(20):\n"
              "    Tree()\n",
     .link = "https://docs.python.org/3/library/collections.html#collections.defaultdict"},
    {.id = "member-knows-container",
     .title = "a member that refers to the container it is in",
     .rule = {"= !* .* -> list [*]", "= !* .* -> collections.deque [*]", "= !* .* -> set [*]",
              "= !* .* -> dict [*]", "= !* .* -> collections.* [*]"},
     .reason = "the member knows its container",
     .hint = "take the member out when it is done, or keep the way back weak",
     .explanation = "Jobs that know their queue, peers that share a set, sessions that know the "
                    "table of sessions: each is kept by the container, and the container by each.",
     .before = "import collections\n"
               "\n"
               "class Job:\n"
               "    def __init__(self, queue):\n"
               "        self.queue = queue\n"
               "        queue.append(self)\n"
               "\n"
               "for _ in range(20):\n"
               "    Job(collections.deque())\n",
     .after = "import collections\n"
              "\n"
              "class Job:\n"
              "    def __init__(self, queue):\n"
              "        self.queue = queue\n"
              "        queue.append(self)\n"
              "\n"
              "for _ in range(20):\n"
              "    job = Job(collections.deque())\n"
              "    job.queue.remove(job)\n"
              "del job\n",
     .link = "https://docs.python.org/3/library/weakref.html"},
};

const struct pattern_list patterns_of_containers = {patterns, sizeof patterns / sizeof *patterns};
