# SPDX-License-Identifier: MIT
"""Leaked cycles: agreement with the collector, no false alarms, verdicts, leaked references, the command."""

import glob
import json
import os
import re

from harness import HERE, PROGRAMS, SAMPLES, cases, equal, expect, fail, interpreters, timeout

COUNTER = os.path.join(HERE, "oracle", "count.py")
GRAPHS = 250


def objects(box, run):
    lines = box.command([box.ouro, "export", run.folder, "--what", "objects"]).succeeds().out.splitlines()
    return [json.loads(line) for line in lines]


@interpreters()
@timeout(180)
def test_random_graphs_are_garbage_exactly_where_the_collector_says_so(box):
    """Object for object, over graphs made by programs/random_graphs.py."""
    if box.python.lockless:
        box.skip("without the global lock the collector untracks tuples before it looks, and sees classes that we cannot")
    run = box.record("-S", COUNTER, box.path("oracle.json"), os.path.join(PROGRAMS, "random_graphs.py"), "7", str(GRAPHS),
                     env={"GRAPHS": box.path("graphs.json")}).succeeds()
    wanted = set(json.loads(box.read("oracle.json"))["addresses"])
    made = json.loads(box.read("graphs.json"))
    exported = objects(box, run)
    got = {o["address"] for o in exported if o["dead"] == "garbage"}
    expect(len(wanted) > GRAPHS, "the graphs leave hardly any garbage: %d objects" % len(wanted))
    kinds = {o["address"]: o["type"] for o in exported}
    for set_, what in ((wanted - got, "missed"), (got - wanted, "wrongly called garbage")):
        expect(not set_, lambda: "%s: %s" % (what, sorted(
            (made.get(a, -1), kinds.get(a, "no object"), a) for a in set_)[:20]))
    report = box.report(run)
    equal(report["cycles"]["tracked"], len(wanted), "cycles.tracked of the report")
    equal(report["heap"]["negative_residuals"], 0, "negative residuals")


# Programs of the standard library that leak nothing; the arguments are files the test writes.
NOTHING_LEAKS = {
    "empty script": ["empty.py"],
    "json.tool": ["-m", "json.tool", "data.json"],
    "ast": ["-m", "ast", "small.py"],
    "tokenize": ["-m", "tokenize", "small.py"],
    "dis": ["-m", "dis", "small.py"],
    "calendar": ["-m", "calendar", "2024"],
    "py_compile": ["-m", "py_compile", "small.py"],
    "platform": ["-m", "platform"],
    "sysconfig": ["-m", "sysconfig"],
    "pydoc": ["-m", "pydoc", "json"],
    "timeit": ["-m", "timeit", "-n", "1", "-r", "1", "pass"],
    "unittest": ["-m", "unittest", "--help"],
    "pickletools": ["-m", "pickletools", "--help"],
}


@interpreters()
@timeout(180)
def test_programs_that_leak_nothing_have_no_finding(box):
    box.write("empty.py", "")
    box.write("small.py", "print(1)\n")
    box.write("data.json", '{"a": [1, 2]}\n')
    for name, arguments in NOTHING_LEAKS.items():
        cycles = box.report(box.record(*arguments).succeeds())["cycles"]
        found = [(g["verdict"], g["count"], g["path"], g["reason"]) for g in cycles["groups"] if not g["pending"]]
        equal(found, [], "leaked cycles of " + name)
        equal(cycles["held"]["groups"], [], "leaked references of " + name)


# What keeps garbage from being collected: the program's first lines, and words of the reason.
WAITING = {
    "off": ("gc.disable()", "off (gc.disable()), since +"),
    "never": ("gc.set_threshold(0)", "off (gc.set_threshold(0)), since +"),
    "frozen": ("FREEZE = True", "permanent generation: the collector passes over it until gc.unfreeze()"),
    "far": ("gc.set_threshold(1000000)", "of 1000000 allocations until the next"),
    "saved": ("gc.set_debug(gc.DEBUG_SAVEALL)", "gc.DEBUG_SAVEALL"),
}
WAITING_PROGRAM = """
import gc
FREEZE = False
%s
class Node:
    def __init__(self):
        self.me = self
def leak():
    for _ in range(6000):
        Node()
if FREEZE:
    gc.disable()
leak()
if FREEZE:
    gc.freeze()
    gc.enable()
"""


@interpreters()
@cases(list(WAITING))
def test_reason_says_why_the_collector_has_not_come(box, case):
    line, words = WAITING[case]
    if box.python.lockless and case in ("never", "frozen", "far"):
        box.skip("without the global lock there are no generations and no lists of them")
    cycles = box.report(box.script(WAITING_PROGRAM % line).succeeds())["cycles"]
    groups = [g for g in cycles["groups"] if g["path"][0]["type"] == "__main__.Node"]
    expect(groups, lambda: "no cycle of the program: %s" % cycles["groups"])
    for group in groups:
        equal(group["verdict"], "GARBAGE", "verdict")
        if box.python.lockless:
            words = words.replace(", since +", "")
        expect(words in group["reason"], "wanted: …%s…\ngot: %s" % (words, group["reason"]))
        equal(group["pending"], False, "pending (%s)" % group["reason"])


@interpreters()
def test_garbage_of_an_old_generation_waits_for_new_long_lived_objects(box):
    """The rule of a quarter, with the collector's own figures. Large garbage is a leak although the collector is on."""
    if box.python.lockless:
        box.skip("without the global lock there are no generations")
    run = box.script(
        "import gc\n"
        "class Node:\n"
        "    def __init__(self):\n"
        "        self.me, self.load = self, bytearray(100000)\n"
        "kept = [[] for _ in range(50000)]\n"
        "nodes = [Node() for _ in range(20)]\n"
        "gc.collect()\n"
        "del nodes\n").succeeds()
    groups = [g for g in box.report(run)["cycles"]["groups"] if g["path"][0]["type"] == "__main__.Node"]
    equal([(g["verdict"], g["count"], g["pending"]) for g in groups], [("GARBAGE", 20, False)], "groups")
    reason = groups[0]["reason"]
    expect("in the oldest generation" in reason, reason)


def compile_extension(box, source, module):
    """Compiles a C source against the interpreter's headers, or skips."""
    box.need("cc")
    asked = "import sysconfig; print(sysconfig.get_path('include')); print(sysconfig.get_config_var('EXT_SUFFIX'))"
    include, suffix = box.program("-c", asked).succeeds().out.split()
    if not os.path.exists(os.path.join(include, "Python.h")):
        box.skip("the headers of this interpreter are not installed (%s/Python.h)" % include)
    # Debian's pyconfig.h includes that of the architecture, by a folder beside the version's; not all
    # that is there, which may be another C library's.
    name = os.path.basename(include)
    for config in glob.glob(os.path.join(os.path.dirname(include), "*", name, "pyconfig.h")):
        folder = os.path.dirname(config)
        there = box.path("include", os.path.basename(os.path.dirname(folder)))
        os.makedirs(there)
        os.symlink(folder, os.path.join(there, name))
    box.command(["cc", "-g", "-shared", "-fPIC", "-O1", "-I", include, "-I", box.path("include"),
                 source, "-o", box.path(module + suffix)]).succeeds()


def build_extension(box):
    compile_extension(box, os.path.join(SAMPLES, "extension", "leaky.c"), "leaky")


@interpreters()
def test_mistakes_of_an_extension_are_told_apart(box):
    build_extension(box)
    run = box.record(os.path.join(SAMPLES, "extension", "leaks.py"), env={"PYTHONPATH": box.folder}).succeeds()
    cycles = box.report(run)["cycles"]
    got = {g["path"][-1]["type"]: (g["verdict"], g["count"], g["pattern"]) for g in cycles["groups"]
           if g["path"][-1]["type"].startswith("leaky.")}
    wanted = {
        "leaky.NoTraverse": ("UNCOLLECTABLE", 50, "no-traverse"),
        "leaky.NoVisit": ("UNCOLLECTABLE", 50, "hidden-reference"),
        "leaky.NoClear": ("UNCOLLECTABLE", 50, "no-clear"),
        "leaky.Legacy": ("UNCOLLECTABLE", 50, "legacy-finalizer"),
        "leaky.Good": ("GARBAGE", 50, None),
    }
    equal(got, wanted, "verdicts on cycles through types of the extension")
    for group in cycles["groups"]:
        name = group["path"][-1]["type"]
        expect(group["verdict"] == "GARBAGE" or name in group["reason"], "the reason does not name %s: %s" % (name, group["reason"]))
    held = cycles["held"]["groups"]
    equal([(g["type"], g["count"], g["references"], os.path.basename(g["file"]), g["line"]) for g in held],
          [("leaky.Record", 50, 50, "leaks.py", 17)], "leaked references")
    expect(held[0]["bytes"] >= 50 * 1000, "what the records hold is not counted: %d bytes" % held[0]["bytes"])
    text = box.command([box.ouro, "cycles", run.folder]).succeeds().out
    expect("held by 50 unknown references" in text, text)


@interpreters()
def test_leaked_reference_is_told_with_and_without_a_cycle_below(box):
    run = box.script(
        "import ctypes\n"
        "class Lone: pass\n"
        "class Node: pass\n"
        "class Top: pass\n"
        "def lose(thing):\n"
        "    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))\n"
        "for _ in range(30):\n"
        "    lose(Lone())\n"
        "    top = Top()\n"
        "    top.node = Node()\n"
        "    top.node.me = top.node\n"
        "    lose(top)\n"
        "del top\n"
        "kept = Lone()\n"
        "lose(kept)\n").succeeds()
    cycles = box.report(run)["cycles"]
    held = {g["type"]: (g["count"], g["references"], g["line"]) for g in cycles["held"]["groups"]}
    equal(held, {"__main__.Lone": (30, 30, 8), "__main__.Top": (30, 30, 9)}, "leaked references")
    groups = [(g["verdict"], g["count"], g["path"][0]["type"]) for g in cycles["groups"] if not g["pending"]]
    equal(groups, [("EXTERNALLY_HELD", 30, "__main__.Node")], "cycles below")
    none = json.loads(box.command([box.ouro, "cycles", run.folder, "--format", "json", "--verdict", "uncollectable"]).succeeds().out)
    equal((none["cycles"]["groups"], none["cycles"]["held"]["groups"]), ([], []), "those that are uncollectable")


def test_command_selects_and_prints_in_every_format(box):
    box.need("python3")
    run = box.record(os.path.join(SAMPLES, "tree.py"), command=["python3"])
    if run.code or not run.traces:
        box.skip("python3 of this system cannot be recorded")
    whole = box.report(run)["cycles"]

    def cycles(*options):
        return json.loads(box.command([box.ouro, "cycles", run.folder, "--format", "json", *options]).succeeds().out)["cycles"]

    equal(cycles(), whole, "ouro cycles and the report")
    tree = whole["groups"][0]
    equal(tree["pattern"], "parent-pointer", "the first group")
    for name in ("__main__.Node", "Node", "*.Node"):
        equal([g["signature"] for g in cycles("--type", name)["groups"]], [tree["signature"]], "groups of type " + name)
    equal(cycles("--type", "NoSuchType")["groups"], [], "groups of a type that is not there")
    equal(len(cycles("--top", "1")["groups"]), 1, "groups with --top 1")
    equal(cycles("--top", "1")["count"], whole["count"], "the total is that of the whole")
    for name in (tree["signature"], tree["signature"][len("cycle:"):], tree["signature"][:12]):
        text = box.command([box.ouro, "cycles", run.folder, name]).succeeds().out
        for words in ("parent pointer", "members:", "examples", tree["examples"][0]["address"], "tree.py:23 parse", "cut here", "  cut __main__.Node .parent"):
            expect(words in text, "ouro cycles RUN %s does not say %s:\n%s" % (name, words, text))
    box.command([box.ouro, "cycles", run.folder, "cycle:ffffffffffff"]).succeeds(2)
    dot = box.command([box.ouro, "cycles", run.folder, "--format", "dot"]).succeeds().out
    expect(dot.startswith("digraph cycles {") and 'label=".parent", style=dashed' in dot, dot)
    equal(dot.count("{"), dot.count("}"), "braces")
    markdown = box.command([box.ouro, "cycles", run.folder, "--format", "markdown"]).succeeds().out
    expect("| `%s` | GARBAGE | 1,000 |" % tree["signature"] in markdown and "**`__main__.Node .parent`**" in markdown, markdown)


CURES = sorted(name for name in os.listdir(os.path.join(SAMPLES, "cures")) if name.endswith(".py"))
# They need their class twice in the report, once in a library, or differ between versions (versions.py).
CLASSES = ["class_in_function.py", "enum_in_function.py", "namedtuple_in_function.py", "type_call.py"]


def masked(cut):
    """Keys of data do not tell kinds apart: a group shows one of those it has."""
    return re.sub(r"\[.*\]", "[*]", cut)


def cut_of(name):
    with open(os.path.join(SAMPLES, "cures", name)) as file:
        for line in file:
            if line.startswith("# cut: "):
                return line[len("# cut: "):].rstrip("\n")
    return fail("samples/cures/%s does not say what it cuts" % name)


def test_every_sample_has_a_cure(box):
    equal(CURES, sorted(name for name in os.listdir(os.path.join(SAMPLES, "leaks")) if name.endswith(".py")), "cures and samples")


@interpreters()
def test_samples_without_the_reference_to_cut_leak_nothing(box):
    run = box.record(os.path.join(PROGRAMS, "batch.py"), os.path.join(SAMPLES, "cures")).succeeds()
    cycles = box.report(run)["cycles"]
    equal([(g["pattern"], g["path"], g["sites"][:1]) for g in cycles["groups"]], [], "cycles of the cured samples")
    equal(cycles["held"]["groups"], [], "leaked references of the cured samples")


@interpreters()
def test_reference_to_cut_is_the_one_the_cure_cuts(box):
    """All samples in one process: groups of the same path are one, whoever made them."""
    run = box.record(os.path.join(PROGRAMS, "batch.py"), os.path.join(SAMPLES, "leaks")).succeeds()
    cuts = {}
    for group in box.report(run)["cycles"]["groups"]:
        cut = masked("%s %s" % (group["break"]["type"], group["break"]["edge"])).rstrip()
        for site in group["sites"]:
            cuts.setdefault(os.path.basename(site["file"]), set()).add(cut)
        cuts.setdefault(None, set()).add(cut)
    for name in CURES:
        wanted = masked(cut_of(name)).replace("__main__.", name[:-3] + ".")
        if box.python.lockless and name in CLASSES + ["module_object.py"]:
            continue
        if name in CLASSES:
            got = {cut.partition(" ")[0] for cut in cuts.get(name, cuts[None])}
        else:
            # Up to 3.12 a list or dict from a free list keeps the line of its first birth.
            got = cuts[None] if name not in cuts or wanted.startswith(("list", "dict")) else cuts[name]
        if name == "own_dict.py" and box.python.version == (3, 13, 0):
            continue  # versions.py
        expect(wanted in got, "%s: the cure cuts %s, the report %s" % (name, wanted, sorted(got)))


@interpreters()
def test_what_is_reachable_is_not_called_leaked(box):
    """Caches, registries and the like are alive; one snapshot cannot say that they are unwanted."""
    cycles = box.report(box.record(os.path.join(PROGRAMS, "reachable.py")).succeeds())["cycles"]
    named = [(g["verdict"], g["count"], g["path"]) for g in cycles["groups"]
             if not g["pending"] and any(s["type"].startswith("__main__.") for s in g["path"])]
    equal(named, [], "leaked cycles of reachable objects")
    equal([(g["type"], g["count"], g["line"]) for g in cycles["held"]["groups"]], [], "leaked references")


@interpreters()
def test_cycles_through_c_code_are_garbage_where_the_collector_frees_them(box):
    if box.python.lockless:
        box.skip("without the global lock the collector sees functions and classes that we cannot")
    run = box.record("-S", COUNTER, box.path("oracle.json"), os.path.join(PROGRAMS, "controls.py")).succeeds()
    wanted = set(json.loads(box.read("oracle.json"))["addresses"])
    exported = objects(box, run)
    got = {o["address"] for o in exported if o["dead"] == "garbage"}
    kinds = {o["address"]: o["type"] for o in exported}
    equal(sorted(kinds[a] for a in got - wanted), [], "wrongly called garbage")
    equal(sorted(kinds.get(a, "no object") for a in wanted - got), [], "missed")
    verdicts = {}
    for group in box.report(run)["cycles"]["groups"]:
        for step in group["path"]:
            verdicts.setdefault(step["type"], set()).add(group["verdict"])
    equal(verdicts.get("datetime.datetime"), {"UNCOLLECTABLE"}, "verdict on a cycle through a date")


@interpreters()
def test_wrong_traverse_makes_the_graph_inconsistent_and_is_said(box):
    build_extension(box)
    run = box.script(
        "import gc, os, leaky\n"
        "gc.disable()\n"
        "class Held: pass\n"
        "kept = leaky.Twice()\n"
        "kept.held = Held()\n"
        "os._exit(0)\n", env={"PYTHONPATH": box.folder}).succeeds()
    for command in ("report", "cycles"):
        result = box.command([box.ouro, command, run.folder])
        equal(result.code, 3, "exit code of " + command)
        expect("more references than their reference count" in " ".join(result.out.split()), result.out)
        expect("__main__.Held" in result.out, result.out)


@interpreters()
def test_what_only_waits_for_the_collector_is_no_leak_but_can_be_seen(box):
    run = box.script(
        "import gc\n"
        "class Node:\n"
        "    def __init__(self):\n"
        "        self.me = self\n"
        "gc.collect()\n"
        "for _ in range(50):\n"
        "    Node()\n").succeeds()
    expect("leaked cycles: none (50 wait for the collector)" in run.err, run.err)
    groups = box.report(run)["cycles"]["groups"]
    equal([(g["verdict"], g["count"], g["pending"]) for g in groups], [("GARBAGE", 50, True)], "groups")
    short = box.command([box.ouro, "cycles", run.folder]).succeeds().out
    expect("50 cycles of 1 kind" in short and "only wait for the collector" in short, short)
    expect(groups[0]["signature"] not in short, short)
    whole = box.command([box.ouro, "cycles", run.folder, "--pending"]).succeeds().out
    expect(groups[0]["signature"] in whole and "`ouro explain self-reference`" in whole, whole)


@interpreters()
def test_what_c_code_holds_is_not_called_a_leaked_reference(box):
    cycles = box.report(box.record(os.path.join(PROGRAMS, "holders.py")).succeeds())["cycles"]
    equal([(g["type"], g["count"], g["line"]) for g in cycles["held"]["groups"]], [], "leaked references")
    own = [g["path"] for g in cycles["groups"] if any(s["type"].startswith("__main__.") for s in g["path"])]
    equal(own, [], "cycles of the program")
