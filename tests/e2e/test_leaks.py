# SPDX-License-Identifier: MIT
"""Growth: what piles up is named, with its holder, line and pattern; what only looks like it is not."""

import json
import os

from harness import PROGRAMS, SAMPLES, cases, equal, expect, interpreters, slow, timeout
from test_patterns import catalogue

SERVICE = os.path.join(SAMPLES, "growth", "service.py")
SUBSCRIPTION = 38  # the line that makes what leaks

# Their objects are held by those of another program as well, or they end threads late.
ALONE = ["context-chain", "pending-tasks", "threads-that-wait"]


def leaks(box, run):
    """The suspects, that `ouro leaks` and `ouro report` agree on."""
    got = json.loads(box.command([box.ouro, "leaks", run.folder, "--format", "json"]).succeeds().out)["leaks"]
    expect(got["points"] >= 5, lambda: "the run was too short to tell: %s" % run)
    equal(box.report(run)["leaks"], got, "leaks in the report and alone")
    return got["groups"]


def describe(group):
    container = group["container"] or {"name": "(none)"}
    return "%s in %s, %s, %s alive, pattern %s, at %s" % (
        group["type"], container["name"], [point["count"] for point in group["growth"]], group["count"], group["pattern"],
        [(site["file"], site["line"]) for site in group["sites"][:2]])


def service(box, *arguments, seed="random"):
    return box.record(SERVICE, *map(str, arguments), env={"PYTHONHASHSEED": seed}).succeeds()


@interpreters()
def test_leak_of_one_request_in_a_hundred_comes_first_with_line_holder_and_path(box):
    groups = leaks(box, service(box, 40000, 4, 0.01))
    expect(groups, "no suspect")
    equal(len(groups), 1, "suspects: " + "; ".join(map(describe, groups)))
    leak = groups[0]
    equal((leak["verdict"], leak["type"], leak["released"]), ("RETAINED", "__main__.Subscription", False), describe(leak))
    equal((leak["container"]["name"], leak["container"]["type"]), ("__main__.BUS.listeners", "list"), "container")
    equal([(step["type"], step["edge"]) for step in leak["path"]],
          [("module __main__", ".BUS"), ("__main__.Bus", ".listeners"), ("list", "")], "path to the container")
    equal((leak["sites"][0]["file"], leak["sites"][0]["line"]), (SERVICE, SUBSCRIPTION), "line that makes it")
    equal(leak["container"]["entries"], leak["count"], "entries of the container, and objects alive")
    expect(240 <= leak["count"] <= 600, "of 40,000 requests one in a hundred leaked, and %d are there" % leak["count"])
    counts = [point["count"] for point in leak["growth"]]
    steps = [b - a for a, b in zip(counts, counts[1:])]
    expect(min(steps) >= 0 and steps.count(0) <= 1, "not more at each point: %s" % counts)
    seconds = leak["growth"][-1]["time"] - leak["growth"][0]["time"]
    rate = (counts[-1] - counts[0]) / seconds
    expect(abs(leak["rate"]["count_per_second"] - rate) <= 0.1 * rate, "%s a second is not %s" % (leak["rate"], rate))
    expect(leak["hint"] and leak["pattern"] == "handler-registry", "pattern and hint: %s" % describe(leak))


@interpreters()
def test_same_service_without_the_leak_has_no_suspect(box):
    for _ in range(3):
        equal(list(map(describe, leaks(box, service(box, 20000, 4, 0)))), [], "suspects")


@slow
@interpreters()
@timeout(600)
def test_same_service_without_the_leak_has_no_suspect_in_twenty_runs(box):
    for threads in (1, 2, 3, 4, 8) * 4:
        equal(list(map(describe, leaks(box, service(box, 30000, threads, 0)))), [], "suspects with %d threads" % threads)


@interpreters()
def test_text_names_the_leak_within_eighty_columns(box):
    run = service(box, 12000, 2, 0.1)  # with a fiftieth, 2 of 150 runs this short had no suspect
    text = box.command([box.ouro, "leaks", run.folder]).succeeds().out
    wide = [line for line in text.splitlines() if len(line) > 80 and box.folder not in line]
    expect(not wide, "too wide: %s" % wide)
    for part in ("__main__.BUS.listeners gathers", "service.py:%d" % SUBSCRIPTION, "fix:", "path:"):
        expect(part in text, "%r is not in\n%s" % (part, text))
    signature = text.partition("leak:")[2][:12]
    one = box.command([box.ouro, "leaks", run.folder, "leak:" + signature]).succeeds().out
    expect("leak:" + signature in one, "by its signature: " + one)
    box.command([box.ouro, "leaks", run.folder, "leak:000000000000"]).succeeds(2)


# A program that builds something up, in several places below one object: no container is what grows.
BUILDS = """
import functools

class Backend:
    def __init__(self):
        self.rules, self.lines, self.names = [], {}, set()

    @functools.lru_cache(maxsize=None)
    def tables(self):
        return self.rules, self.lines, self.names

def add(backend, number):
    rules, lines, names = backend.tables()
    text = "object %d of all that are there" % number
    if number % 3 == 0:
        rules.append(text)
    elif number % 3 == 1:
        lines[number] = text
    else:
        names.add(text)

def main():
    backend = Backend()
    for number in range(120000):
        add(backend, number)

main()
"""


@interpreters()
def test_what_grows_in_several_places_is_not_laid_at_the_door_of_a_container(box):
    groups = [group for group in leaks(box, box.script(BUILDS, options=["--epoch", "256k"]).succeeds()) if group["type"] == "str"]
    listed = "\n".join(map(describe, groups))
    equal(len(groups), 1, "suspects: " + listed)
    equal((groups[0]["container"]["spread"], groups[0]["pattern"]), (True, None), listed)


# Modules that are loaded one after the other, each of which registers something.
REGISTRY = """
HANDLERS = []
KEYS = []
class Handler:
    def __init__(self, name):
        self.name = name
def register(name):
    HANDLERS.append(Handler(name))
    KEYS.append((name,) * 30)  # up to 3.11 nobody knows of tuples when they were born
"""

PLUGIN = """
import registry
registry.register("%d, first")
registry.register("%d, second")
TABLE = [str(number) * 3 for number in range(600)]
"""

# A program that does its work while it is imported, as nothing forbids.
SERVER = """
import registry
while len(registry.HANDLERS) < 20000:
    registry.register("handler %d of all" % len(registry.HANDLERS))
"""


@interpreters()
def test_what_modules_register_as_they_are_loaded_is_no_suspect(box):
    box.write("registry.py", REGISTRY)
    for number in range(200):
        box.write("plugin_%d.py" % number, PLUGIN % (number, number))
    text = "import importlib\nfor number in range(200):\n    importlib.import_module('plugin_%d' % number)\n"
    equal(list(map(describe, leaks(box, box.script(text, options=["--epoch", "256k"]).succeeds()))), [], "suspects")


@interpreters()
def test_what_a_loop_registers_as_its_module_is_loaded_is_one(box):
    box.write("registry.py", REGISTRY)
    box.write("server.py", SERVER)
    groups = leaks(box, box.script("import server\n", options=["--epoch", "256k"]).succeeds())
    found = {group["container"]["name"]: group["type"] for group in groups}
    expect(found.get("registry.HANDLERS") == "registry.Handler" and "registry.KEYS" in found,
           "\n".join(map(describe, groups)))


def rounds(box, sources):
    """Programs that end with a loop, run side by side; the suspects that are about them."""
    folder = box.path("programs%d" % box.runs)
    os.mkdir(folder)
    for id, source in sources.items():
        box.write(os.path.join(folder, id + ".py"), source)
    run = box.record(os.path.join(PROGRAMS, "rounds.py"), folder, options=["--epoch", "256k"]).succeeds()
    return leaks(box, run)


def programs(box, which):
    shown = {id: pattern[which] for id, pattern in catalogue(box, "growth").items() if pattern[which]}
    if box.python.minor != (3, 12):
        del shown["interned-input"]  # elsewhere such a string dies with its last reference
    together = {id: source for id, source in shown.items() if id not in ALONE}
    return [together] + [{id: shown[id]} for id in ALONE]


@interpreters()
def test_program_before_grows_as_the_pattern_says(box):
    for sources in programs(box, "before"):
        groups = rounds(box, sources)
        listed = "\n".join(map(describe, groups))
        for id in sources:
            file = os.path.join(box.folder, id + ".py")
            own = [g for g in groups if g["pattern"] == id]
            expect(own, "no suspect of the pattern %s:\n%s" % (id, listed))
            made = {os.path.basename(frame["file"]) for g in own for site in g["sites"] for frame in site["stack"]}
            expect(os.path.basename(file) in made, "what is called %s is made by %s:\n%s" % (id, sorted(made), listed))
            expect(all(g["verdict"] == "RETAINED" for g in own), listed)


@interpreters()
def test_program_after_does_not_grow(box):
    for sources in programs(box, "after"):
        equal(list(map(describe, rounds(box, sources))), [], "suspects of the programs after")


KEPT = "class Kept:\n    pass\n\n"
STEADY = {
    "filled": "CACHE = {}\nfor n in TURNS:\n    CACHE.setdefault(n % 900, Kept())\n",
    "loaded": "ALL = []\nfor n in TURNS:\n    n == 2300 and ALL.extend(Kept() for _ in range(500))\n",
    "sawtooth": "ALL = []\nfor n in TURNS:\n    ALL.append(Kept())\n    len(ALL) == 333 and ALL.clear()\n",
    "slow-sawtooth": "ALL = []\nfor n in TURNS:\n    ALL.append(Kept())\n    len(ALL) == 1100 and ALL.clear()\n",
    "turnover": "import random\nrandom.seed(1)\nALL = [None] * 200\nfor n in TURNS:\n    ALL[random.randrange(200)] = Kept()\n",
    "window": "import collections\nLAST = collections.deque(maxlen=300)\nfor n in TURNS:\n    LAST.append(Kept())\n",
    "saturating": "import random\nrandom.seed(1)\nCACHE = {}\nfor n in TURNS:\n    CACHE.setdefault(random.randrange(300), Kept())\n",
}


@interpreters()
def test_what_fills_and_stops_or_comes_and_goes_is_no_suspect(box):
    equal(list(map(describe, rounds(box, {id: KEPT + source for id, source in STEADY.items()}))), [], "suspects")


@interpreters()
@cases(["filled", "sawtooth", "window"])
def test_the_same_without_the_end_of_it_is_a_suspect(box, kind):
    """Or the test above would show little: it is the filling, the clearing, the limit that matter."""
    endless = STEADY[kind].replace(" % 900", "").replace("333", "33333").replace("(maxlen=300)", "()")
    groups = rounds(box, {kind: KEPT + endless})
    equal([g["type"] for g in groups], ["%s.Kept" % kind], "suspects: " + "; ".join(map(describe, groups)))


@interpreters()
def test_negative_families_are_no_suspects(box):
    """What holds weakly."""
    run = box.script(
        "import abc\n"
        "class Base(abc.ABC):\n    pass\n"
        "class Root:\n    pass\n"
        "for n in range(1500):\n"
        "    Base.register(type('Registered', (), {}))\n"
        "    type('Derived', (Root,), {})\n"
        "    bytes(60000)\n", options=["--epoch", "256k"]).succeeds()
    equal(list(map(describe, leaks(box, run))), [], "suspects")


@interpreters()
def test_dropped_pools_of_threads_are_no_suspects(box):
    """Unless the interpreter itself keeps the locks of threads that were not joined, as 3.9.2 does (bpo-37788)."""
    run = box.script(
        "import concurrent.futures, threading\n"
        "for n in range(200):\n"
        "    concurrent.futures.ThreadPoolExecutor(1).submit(len, ()).result()\n"
        "    bytes(1000000)\n"
        "print(len(getattr(threading, '_shutdown_locks', ())) > 100)\n", options=["--epoch", "256k"]).succeeds()
    suspects = leaks(box, run)
    equal([s["type"] for s in suspects], ["_thread.lock"] if run.out == "True\n" else [], "suspects: %s" % list(map(describe, suspects)))


@interpreters()
def test_what_a_function_let_go_of_at_its_end_is_told_without_a_holder(box):
    run = box.script(
        "class Kept:\n    pass\n"
        "def main():\n    held = []\n    for n in range(4000):\n"
        "        held.append(Kept())\n        bytes(30000)\n"
        "main()\n", options=["--epoch", "256k"]).succeeds()
    groups = leaks(box, run)
    equal([(g["type"].rpartition(".")[2], g["released"], g["container"], g["sites"][0]["line"]) for g in groups],
          [("Kept", True, None, 6)], "suspects: " + "; ".join(map(describe, groups)))


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)))
def test_earlier_snapshot_shows_the_holder_that_is_gone_at_the_end(box):
    run = box.script(
        "import time\n"
        "class Kept:\n    pass\n"
        "def main():\n    held = []\n    for n in range(8000):\n"
        "        held.append(Kept())\n        bytes(30000)\n        n == 6000 and time.sleep(1.2)\n"
        "main()\n", options=["--epoch", "256k", "--snapshot-every", "1"]).succeeds()
    last = leaks(box, run)
    numbers = [int(word) for group in last for word in group["hint"].split() if word.isdigit()]
    expect(last and last[0]["released"] and numbers, "suspects of the last snapshot: " + "; ".join(map(describe, last)))
    command = [box.ouro, "leaks", run.folder, "--format", "json", "--snapshot", str(numbers[0])]
    groups = json.loads(box.command(command).succeeds().out)["leaks"]["groups"]
    equal([(g["type"], g["released"], g["container"]["name"].split()[-1]) for g in groups], [("__main__.Kept", False, "held")],
          "suspects of snapshot %d" % numbers[0])


@interpreters()
def test_garbage_is_left_to_the_cycles(box):
    run = box.script(
        "import gc\ngc.disable()\n"
        "class Node:\n    def __init__(self):\n        self.me = self\n"
        "for n in range(4000):\n    Node()\n    bytes(30000)\n", options=["--epoch", "256k"]).succeeds()
    equal(list(map(describe, leaks(box, run))), [], "suspects")
    expect(any(g["verdict"] == "GARBAGE" for g in box.report(run)["cycles"]["groups"]), "no cycles")


@interpreters()
def test_run_that_is_too_short_says_so(box):
    run = box.script("ALL = [[n] for n in range(100)]\n").succeeds()
    text = box.command([box.ouro, "leaks", run.folder]).succeeds().out
    expect("too short" in text, text)
    report = box.report(run)["leaks"]
    equal((report["points"], report["groups"]), (0, []), "in JSON")
