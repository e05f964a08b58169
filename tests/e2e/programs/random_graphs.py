# SPDX-License-Identifier: MIT
"""Makes object graphs at random and drops them: python random_graphs.py SEED COUNT

Nodes are of many kinds, some refer to others as they are made, some later. Some graphs, or nodes of
them, stay referred to from a list or from nowhere known. PLACES tells which graph made an address; it is
written to the file named by GRAPHS, if that is set.
"""

import collections
import ctypes
import functools
import gc
import itertools
import json
import os
import random
import sys
import types
import weakref

KEPT = []  # external references
WEAK = []
REVIVED = []
SHARED = ["shared leaf %d" % n for n in range(20)] + [(1, 2), frozenset([3]), 10**20, 2.5]


class Plain:
    pass


class Other(Plain):
    pass


class Slots:
    __slots__ = ("left", "right", "__weakref__")


class Finalized:
    def __del__(self):
        self.__dict__.clear()


class Phoenix:
    def __del__(self):
        REVIVED.append(self)


class MyList(list):
    pass


class MyDict(dict):
    pass


def suspended(kept):
    yield len(kept)
    yield kept


def started(kept):
    generator = suspended(kept)
    next(generator)
    return generator


async def waiting(kept):
    await kept[0]


def closure(kept):
    def inner():
        return kept

    return inner


def failed(kept):
    try:
        raise ValueError(kept)
    except ValueError as error:
        return error


def makers():
    """kind: (makes a node that refers to the given ones, lets a node refer to one more or None)."""

    def attribute(node, other):
        setattr(node, "a%d" % len(vars(node)), other)

    def slot(node, other):
        setattr(node, random.choice(("left", "right")), other)

    def append(node, other):
        node.append(other)

    def put(node, other):
        node[len(node)] = other

    def of_class(kind):
        def make(others):
            node = kind()
            for other in others:
                attribute(node, other)
            return node

        return make

    def slots(others):
        node = Slots()
        for name, other in zip(("left", "right"), others):
            setattr(node, name, other)
        return node

    def function_attribute(node, other):
        node.__dict__["f%d" % len(node.__dict__)] = other

    return {
        "plain": (of_class(Plain), attribute),
        "other": (of_class(Other), attribute),
        "finalized": (of_class(Finalized), attribute),
        "phoenix": (of_class(Phoenix), attribute),
        "namespace": (of_class(types.SimpleNamespace), attribute),
        "slots": (slots, slot),
        "list": (list, append),
        "own list": (MyList, append),
        "deque": (collections.deque, append),
        "dict": (lambda others: dict(enumerate(others)), put),
        "own dict": (lambda others: MyDict(enumerate(others)), put),
        "ordered": (lambda others: collections.OrderedDict(enumerate(others)), put),
        "default": (lambda others: collections.defaultdict(list, enumerate(others)), put),
        "tuple": (lambda others: tuple(others) + (object(),), None),
        "closure": (lambda others: closure(list(others)), function_attribute),
        "lambda": (lambda others: lambda kept=tuple(others): kept, function_attribute),
        "generator": (lambda others: started(list(others)), None),
        "coroutine": (lambda others: waiting(list(others)), None),
        "partial": (lambda others: functools.partial(print, *others), None),
        "method": (lambda others: types.MethodType(print, list(others)), None),
        "error": (lambda others: failed(list(others)), lambda node, other: setattr(node, "more", other)),
        "iterator": (lambda others: iter(list(others) + [None]), None),
        "chain": (lambda others: itertools.chain([None], list(others)), None),
        "cell": (lambda others: closure(list(others)).__closure__[0], None),
        "set": (lambda others: set(other for other in others if type(other) in (Plain, Slots)), None),
        "view": (lambda others: types.MappingProxyType(dict(enumerate(others))), None),
        "class": (lambda others: type("Made", (), {"others": list(others)}), None),
        "module": (lambda others: types.ModuleType("made"), attribute),
    }


MAKERS = makers()


def graph(size):
    """A graph as a list of its nodes; nothing else refers to them, but what the graph decides to keep."""
    nodes, later = [], []
    favourites = random.sample(sorted(MAKERS), random.randint(3, 10))
    for _ in range(size):
        kind = random.choice(favourites)
        make, link = MAKERS[kind]
        others = [random.choice(nodes) for _ in range(random.randint(0, 3))] if nodes else []
        if random.random() < 0.3:
            others.append(random.choice(SHARED))
        node = make(others)
        nodes.append(node)
        if link:
            later.append((link, node))
    for link, node in later:
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            link(node, random.choice(nodes))
    for node in nodes:
        if random.random() < 0.1:
            try:
                WEAK.append(weakref.ref(node))
            except TypeError:
                pass
    if random.random() < 0.3:
        KEPT.append(random.choice(nodes))
    if random.random() < 0.1:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(random.choice(nodes)))
    return nodes


def main(seed, count):
    random.seed(seed)
    gc.collect()
    gc.disable()
    places = {}
    for number in range(count):
        nodes = graph(random.randint(2, 40))
        for node in nodes:
            places["0x%x" % id(node)] = number
        node = None
        del nodes
    if os.environ.get("GRAPHS"):
        with open(os.environ["GRAPHS"], "w") as file:
            json.dump(places, file)


import warnings  # noqa: E402

warnings.simplefilter("ignore")  # coroutines that are never awaited
main(int(sys.argv[1]), int(sys.argv[2]))
