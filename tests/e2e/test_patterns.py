# SPDX-License-Identifier: MIT
"""The catalogue of patterns: the program before leaks what it says, the one after nothing."""

import json
import os

from harness import PROGRAMS, equal, expect, interpreters

# What they leave behind looks like what another one leaves, or they run the collector: in processes of their own.
ALONE = ["json-encoder", "kept-in-gc-garbage", "namedtuple-at-run-time", "replaced-class"]
VERDICTS = {"datetime-tzinfo": "UNCOLLECTABLE", "kept-in-gc-garbage": "UNCOLLECTABLE", "lost-decref": "EXTERNALLY_HELD"}
# Without the global lock, counts of classes and functions tell nothing (docs/limits.md).
NOT_LOCKLESS = ["class-at-run-time", "enum-at-run-time", "module-globals", "namedtuple-at-run-time", "replaced-class"]


def catalogue(box, of=None):
    """The patterns of cycles, or those of growth, or all; test_leaks.py tries those of growth."""
    patterns = json.loads(box.command([box.ouro, "explain", "--format", "json"]).succeeds().out)["patterns"]
    return {pattern["id"]: pattern for pattern in patterns if of in (None, pattern["of"])}


# Early releases of 3.9 and before: result() itself keeps the future in the frame that raises, so that
# the program can do nothing about it.
LETS_GO = "import inspect, concurrent.futures as f; print('self = None' in inspect.getsource(f.Future.result))"


def programs(box, which):
    """{id: source} for each process to run."""
    shown = {id: pattern[which] for id, pattern in catalogue(box, "cycles").items() if pattern[which]}
    if box.program("-c", LETS_GO).succeeds().out != "True\n":
        del shown["future-exception"]
    together = {id: source for id, source in shown.items() if id not in ALONE}
    return [together] + [{id: shown[id]} for id in ALONE]


def run(box, sources):
    folder = box.path("programs%d" % box.runs)
    os.mkdir(folder)
    for id, source in sources.items():
        box.write(os.path.join(folder, id + ".py"), source)
    return box.report(box.record(os.path.join(PROGRAMS, "batch.py"), folder).succeeds())["cycles"]


def makers(group, sources):
    """The programs of ours whose own lines made the cycles of a group."""
    return {os.path.basename(site["file"])[:-3] for site in group["sites"]} & set(sources)


def describe(group):
    return "%s %s %s, made by %s" % (group["verdict"], group["pattern"], [(s["type"], s["edge"]) for s in group["path"]],
                                     [(s["file"], s["line"]) for s in group["sites"][:2]])


def test_catalogue_holds_thirty_patterns_that_can_be_tried(box):
    patterns = catalogue(box)
    expect(sum(1 for p in catalogue(box, "cycles").values() if p["before"] and p["after"]) >= 30, "fewer than 30 patterns have programs")
    listed = box.command([box.ouro, "explain"]).succeeds().out.splitlines()
    equal([line.split()[0] for line in listed], list(patterns), "patterns listed, and in JSON")
    for id in patterns:
        text = box.command([box.ouro, "explain", id]).succeeds().out
        expect(text.startswith(id + "\n"), "the text of %s does not begin with its name" % id)
        rest, _, _ = text.partition("\n  leaks\n")
        wide = [line for line in rest.splitlines() if len(line) > 80]
        expect(not wide, "explain %s is too wide: %s" % (id, wide))
    box.command([box.ouro, "explain", "parent-pionter"]).succeeds(2)


def test_document_of_patterns_is_what_explain_prints(box):
    with open(os.path.join(os.path.dirname(PROGRAMS), "..", "..", "docs", "patterns.md")) as file:
        equal(file.read(), box.command([box.ouro, "explain", "--format", "markdown"]).succeeds().out,
              "docs/patterns.md (`ouro explain --format markdown` writes it)")


@interpreters()
def test_program_before_leaks_what_the_pattern_says(box):
    for sources in programs(box, "before"):
        cycles = run(box, sources)
        found = {}
        for group in cycles["groups"]:
            made_by = makers(group, sources)
            # Libraries leak on their behalf. And up to 3.12 a recycled list or dict keeps the line of its first birth.
            expect(group["pattern"] in made_by or not made_by, "another pattern: %s" % describe(group))
            found.setdefault(group["pattern"], []).append(group)
        for id in sources:
            if box.python.lockless and id in NOT_LOCKLESS:
                continue
            if id == "json-encoder" and box.python.minor >= (3, 15):
                continue  # there the encoder in C indents, too
            expect(id in found, "no cycle of the pattern %s; patterns found: %s" % (id, sorted(map(str, found))))
            for group in found[id]:
                equal(group["verdict"], VERDICTS.get(id, "GARBAGE"), "verdict on " + describe(group))
                expect(group["hint"] and "{" not in group["hint"], "hint of %s: %s" % (id, group["hint"]))
                others = group["break"]["others"]
                expect(not others, "one cut does not do for %s: %s" % (describe(group), others))
        held = [(group["type"], group["count"], group["references"]) for group in cycles["held"]["groups"]]
        equal(held, [("lost_decref.Buffer", 20, 20)] if "lost-decref" in sources else [], "leaked references")


@interpreters()
def test_program_after_leaks_nothing(box):
    for sources in programs(box, "after"):
        cycles = run(box, sources)
        equal([describe(group) for group in cycles["groups"]], [], "cycles of the programs after")
        equal(cycles["held"]["groups"], [], "leaked references of the programs after")
