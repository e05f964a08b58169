# SPDX-License-Identifier: MIT
"""Every holder has its name, every reference its explanation, on every interpreter."""

import json
import os
import re

from harness import cases, equal, expect, interpreters

HOLDERS = """
import atexit, contextvars, functools, gc, signal, threading, types

class Needle:
    pass

class Holder:
    __slots__ = ("slot",)
    shared = None

class Box:
    pass

def keep(anything):
    pass

expressions = []

def hide(needle, expression):
    needle.expression = expression
    expressions.append(expression)
    return needle

def closure():
    inside = hide(Needle(), "made_by_closure.__closure__[0].cell_contents")
    def inner():
        return inside
    return inner

def generator():
    mine = hide(Needle(), "running local mine")
    yield mine

def default(argument=hide(Needle(), "default.__defaults__[0]"), *, named=hide(Needle(), "default.__kwdefaults__['named']")):
    pass

made_by_closure = closure()
Holder.shared = hide(Needle(), "Holder.shared")
holder = Holder()
holder.slot = hide(Needle(), "holder.slot")
running = generator()
next(running)
partial = functools.partial(keep, hide(Needle(), "partial.args[0]"), named=hide(Needle(), "partial.keywords['named']"))
namespace = types.SimpleNamespace(attribute=hide(Needle(), "namespace.attribute"))
error = ValueError(hide(Needle(), "error.args[0]"))
members = {hide(Needle(), "members[*]")}
keys = {hide(Needle(), "keys key"): 1}
deep = Box()
deep.inner = Box()
deep.inner.rows = [{"cells": (0, hide(Needle(), "deep.inner.rows[0]['cells'][1]"))}, {"cells": (hide(Needle(), "deep.inner.rows[1]['cells'][0]"), 0)}]
wide = {"key %d" % n: hide(Needle(), "wide['key %d']" % n) for n in range(20)}
listed = [hide(Needle(), "listed[%d]" % n) for n in range(50)]

def hide_elsewhere():
    atexit.register(keep, Needle())
    signal.signal(signal.SIGUSR1, functools.partial(keep, Needle()))
    contextvars.ContextVar("variable").set(Needle())
    gc.callbacks.append(functools.partial(keep, Needle()))

hide_elsewhere()
started, stop = threading.Event(), threading.Event()

def work():
    in_thread = Needle()
    started.set()
    stop.wait()

worker = threading.Thread(target=work, name="the worker", daemon=True)
worker.start()
started.wait()
for expression in expressions:
    if not set(expression) & set("* ") or expression.startswith("wide"):
        assert eval(expression).expression == expression, expression
"""


def paths_to(box, run, type):
    """Every way to the objects of a type as (the root's text, the rest of the path) with how many take it."""
    result = box.command([box.ouro, "path", run.folder, type, "--all", "--top", "0", "--format", "json"]).succeeds()
    found = {}

    def walk(node, root, name):
        if node["ends"]:
            found[root, name] = found.get((root, name), 0) + node["ends"]
        for child in node["children"]:
            walk(child, root, name + (child["edge"] or " "))

    for root in json.loads(result.out)["paths"]["tree"]:
        walk(root, root["type"], "")
    return found


@interpreters()
def test_paths_are_the_expressions_the_program_computes(box):
    """The program writes down the expression of each object where it makes it, and evaluates what Python can."""
    run = box.script(HOLDERS + "import json\njson.dump(expressions, open('expressions.json', 'w'))\n").succeeds()
    wanted = json.loads(box.read("expressions.json"))
    if box.python.minor < (3, 11):  # There a generator's frame is an object of its own.
        wanted[wanted.index("running local mine")] = "running.gi_frame local mine"
    found = []
    for line in box.command([box.ouro, "export", run.folder, "--what", "objects"]).succeeds().out.splitlines():
        thing = json.loads(line)
        if thing["type"] == "__main__.Needle":
            result = box.command([box.ouro, "path", run.folder, "#%d" % thing["object"], "--format", "json"]).succeeds()
            found.append(json.loads(result.out)["path"]["name"])
    named = sorted(name for name in found if name.startswith("__main__."))
    equal(named, sorted("__main__." + expression for expression in wanted), "paths from the module")
    equal(len(found) - len(named), 5, "objects of the program that other roots hold")


@interpreters()
def test_roots_have_the_names_of_their_holders(box):
    run = box.script(HOLDERS).succeeds()
    roots = {}
    for (root, path), count in paths_to(box, run, "Needle").items():
        if root != "module __main__":
            roots[root] = roots.get(root, 0) + count
    thread = [root for root in roots if "the worker" in root]
    if box.python.minor >= (3, 11):
        expect(len(thread) == 1 and re.match(r"local in_thread of work \(.*program\.py:\d+\) in thread the worker$", thread[0]), roots)
    else:
        equal(thread, ["thread the worker frame"], "the root of a thread's frame, which is an object")
    del roots[thread[0]]
    # Up to 3.9 the module has the callbacks.
    exit_root = "callback of atexit" if box.python.minor >= (3, 10) else "module atexit"
    equal(roots, {exit_root: 1, "handler of signal SIGUSR1": 1, "thread MainThread context": 1, "module gc": 1}, "roots")


BROAD = """
import collections
# Told keys first, then keys and values: the values are far from where a plain dict has them.
ORDERED = collections.OrderedDict((b"key %d" % n, (n, str(n))) for n in range(500))
NAMED = collections.OrderedDict(("key %d" % n, (n, str(n))) for n in range(500))
import asyncio, atexit, collections, contextvars, datetime, decimal, enum, functools, json, logging, sqlite3, sys, threading, typing, weakref
import xml.dom.minidom

zones = [datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=n % 5))) for n in range(100)]

@functools.lru_cache(None)
def cached(text):
    return [text] * 3

@functools.lru_cache(50)
def bounded(text):
    return [text] * 3

for n in range(100):
    cached(str(n))
    bounded(str(n))

class Plain:
    def __init__(self):
        self.a = self.b = n

plain = [Plain() for n in range(100)]
stop = threading.Event()
started = threading.Semaphore(0)

def worker(number):
    mine = {"n": number, "big": bytes(5000)}
    started.release()
    stop.wait()

for number in range(2):
    threading.Thread(target=worker, args=(number,), daemon=True).start()
    started.acquire()

async def sub(number):
    await asyncio.sleep(0.001)
    return number

async def main():
    return await asyncio.gather(*[sub(number) for number in range(10)])

asyncio.run(main())
database = sqlite3.connect(":memory:")
database.execute("create table t (a)")
database.create_function("f", 1, lambda a: a)
document = xml.dom.minidom.parseString("<a><b>c</b></a>")

def outer():
    kept = [bytes(100) for n in range(50)]
    sys.exit(0)

outer()
"""


@interpreters()
def test_all_but_a_handful_of_references_are_explained(box):
    run = box.script(BROAD).succeeds()
    heap = box.report(run)["heap"]
    equal(heap["negative_residuals"], 0, "objects with fewer references than are known")
    expect(heap["coverage"] >= 0.999, "holders are known for %s of the bytes" % heap["coverage"])
    expect(heap["unexplained"]["objects"] * 500 < heap["objects"], heap["unexplained"])
    verified = box.command([box.ouro, "verify", run.folder]).succeeds().out
    expect(verified.startswith("verified: "), verified)


@interpreters()
@cases(["service.py", "tree.py", "json_rows.py", "tracebacks.py"])
def test_samples_are_explained_and_verified(box, sample):
    run = box.sample(sample)
    heap = box.report(run)["heap"]
    equal(heap["negative_residuals"], 0, "objects with fewer references than are known")
    expect(heap["coverage"] >= 0.999, "holders are known for %s of the bytes" % heap["coverage"])
    expect(heap["unexplained"]["objects"] * 500 < heap["objects"], heap["unexplained"])
    expect(box.command([box.ouro, "verify", run.folder]).succeeds().out.startswith("verified: "), "the dominators hold")


LYING = """
import ctypes, sys

library = ctypes.PyDLL(sys.argv[1])
library.lying_type.restype = ctypes.py_object
victim = ["a list that only this variable holds"]
library.lying_tell.argtypes = [ctypes.py_object]
Liar = library.lying_type()
liars = [Liar() for n in range(3)]
if len(sys.argv) > 2:
    library.lying_tell(victim)
"""


@interpreters()
def test_a_type_that_reports_what_it_does_not_own_is_named(box):
    box.need("cc")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "lying.c")
    library = box.path("lying.so")
    box.command(["cc", "-shared", "-fPIC", "-o", library, source]).succeeds()
    program = box.write("program.py", LYING)
    honest = box.record(program, library).succeeds()
    equal(box.report(honest)["heap"]["negative_residuals"], 0, "negative residuals while the type tells the truth")
    run = box.record(program, library, "lie").succeeds()
    for command in ("report", "retained", "types"):
        result = box.command([box.ouro, command, run.folder])
        equal(result.code, 3, "exit code of ouro %s" % command)
        expect(re.search(r"list at 0x[0-9a-f]+: count \d+, references \d+", " ".join(result.out.split())), result.out)
    result = box.command([box.ouro, "report", run.folder, "--format", "json"])
    equal(result.code, 3, "exit code")
    equal(json.loads(result.out)["heap"]["negative_residuals"], 1, "negative residuals")


@interpreters()
def test_two_snapshots_of_an_idle_program_are_equal(box):
    """A forked child has its parent's heap: object by object and reference by reference the same."""
    program = box.write("program.py", IDLE)
    run = box.record("-S", program).succeeds()
    first, second = [heap_by_address(trace.last_snapshot) for trace in box.traces(run)]
    different = {address for address in set(first) | set(second) if first.get(address) != second.get(address)}
    # What the parent has of its own: the child's number and what waitpid() gave it.
    kinds = sorted((first.get(address) or second.get(address))[0] for address in different)
    expect(len(first) > 1000 and len(different) <= 8 and set(kinds) <= {"int", "tuple", "dict", "NoneType"}, kinds)


IDLE = """
import os
shelf = {"drawer": [object() for n in range(100)]}
child = waited = None
child = os.fork()
if child:
    waited = os.waitpid(child, 0)
"""


def heap_by_address(snapshot):
    """Address: (type, size, references as (label, address))."""
    addresses, types, sizes = snapshot.columns[0], snapshot.columns[1], snapshot.columns[2]
    return {
        addresses[index]: (snapshot.types[types[index]], sizes[index], [(label & 15, addresses[target]) for target, label in edges])
        for index, edges in enumerate(snapshot.edges())}
