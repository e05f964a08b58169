# SPDX-License-Identifier: MIT
"""Equal values: which objects have one is exact, and so are their copies and bytes."""

import json
import os
import subprocess

import schema
import tracefile
from blocks import block
from harness import PROGRAMS, ROOT, equal, expect, fail, interpreters, slow, timeout


def section(box, run, command, name, *options):
    """What a command prints as JSON, which must keep to the schema of that part of the report."""
    result = box.command([box.ouro, command, run.folder, "--format", "json", *options]).succeeds()
    with open(os.path.join(ROOT, "docs", "report.schema.json")) as file:
        whole = json.load(file)
    part = json.loads(result.out)[name]
    problems = list(schema.problems(part, whole["properties"][name], whole, name))
    expect(not problems, lambda: "\n".join(problems[:20]))
    return part


def intern(box, run, *options):
    return section(box, run, "intern", "interning", *options)


@interpreters()
def test_copies_distinct_and_bytes_of_equal_values_are_exact(box):
    run = box.record(os.path.join(PROGRAMS, "equal_values.py")).succeeds()
    wanted, got = {}, {}
    for kind, holders in json.loads(run.out.splitlines()[0]).items():
        for holder, group in holders.items():
            gross = sum(block(size, box.python.lockless) * surplus for sizes, surplus in group["surplus"] for size in sizes)
            wanted[kind, holder] = (group["copies"], group["distinct"], gross)
    for group in intern(box, run)["groups"]:
        if group["holder"].startswith("__main__.") and group["holder"].endswith(".v"):
            got[group["type"], group["holder"]] = (group["copies"], group["distinct"], group["gross_bytes"])
    problems = ["%s in %s: wanted copies, distinct, gross %s, got %s" % (*key, wanted.get(key), got.get(key))
                for key in sorted(set(wanted) | set(got)) if wanted.get(key) != got.get(key)]
    expect(not problems, lambda: "\n".join(problems))
    expect(len(wanted) > 30, lambda: "only %d groups were expected" % len(wanted))


# Equal tuples that the program makes and keeps, that the language keeps, and that compiled modules bring along.
WHOSE = """
import importlib
class Base: pass
classes = [type("C%d" % number, (Base,), {}) for number in range(4000)]
rows = [tuple([number % 7, "row"]) for number in range(4000)]
modules = [importlib.import_module("constants_%d" % number) for number in range(400)]
"""


@interpreters()
def test_copies_are_worth_a_table_only_where_a_statement_of_the_program_puts_them(box):
    for number in range(400):
        box.write("constants_%d.py" % number, "TABLE = %s\n" % (tuple(range(40)),))
    run = box.script(WHOSE).succeeds()
    advice = {group["holder"]: group["advice"] != "no" for group in intern(box, run, "--all")["groups"]
              if group["type"] == "tuple" and group["gross_bytes"] > 100_000}
    equal({holder: worth for holder, worth in advice.items() if holder in ("list[*]", "type.__bases__")},
          {"list[*]": True, "type.__bases__": False}, "what is worth it, of %s" % advice)
    equal([holder for holder, worth in advice.items() if worth], ["list[*]"], "what is worth it")
    expect(len(advice) > 2, lambda: "what modules bring along is not among %s" % advice)


def everything_printed(box, run):
    """What reports and dumps of a run print."""
    for command in (
            ["report", run.folder, "--top", "0"], ["report", run.folder, "--format", "json"], ["dump", run.folder],
            ["intern", run.folder, "--all", "--top", "0"], ["intern", run.folder, "--by", "value", "--all", "--top", "0"],
            ["intern", run.folder, "--by", "site", "--format", "json"],
            ["savings", run.folder, "--top", "0"], ["savings", run.folder, "--format", "json"],
            ["retained", run.folder, "--top", "0"],
            ["path", run.folder, "__main__.Account", "--all"], ["tree", run.folder], ["churn", run.folder, "--format", "json"]):
        result = box.command([box.ouro, *command])
        expect(result.code in (0, 3), lambda result=result: str(result))
        yield " ".join(command[:1] + command[2:]), (result.out + result.err).encode("utf-8", "backslashreplace")


@interpreters()
def test_no_value_leaves_the_program_when_that_is_asked_for(box):
    program = os.path.join(PROGRAMS, "secrets.py")
    same = {"PYTHONHASHSEED": "0"}  # what is shared by chance is the same in both
    quiet, open_ = box.record(program, options=["--no-values"], env=same).succeeds(), box.record(program, env=same).succeeds()
    secrets = [bytes.fromhex(line) for line in quiet.out.split()]
    for run in (quiet, open_):
        raw = [(str(kind), payload) for trace in run.traces for kind, payload in tracefile.payloads(trace)]
        printed = list(everything_printed(box, run)) if run is quiet else []
        found = sorted({(where, secret) for where, text in raw + printed
                        for secret in secrets if secret in text})
        if run is quiet and found:
            fail("values in chunks or reports:\n" + "\n".join("  %s: %r" % pair for pair in found))
        expect(run is quiet or len({secret for _, secret in found}) >= 5,
               lambda found=found: "the search finds too little where values are not withheld: %s" % found)
    for kind in ("__main__.Account", "__main__.Pair", "complex", "datetime.date", "datetime.datetime", "decimal.Decimal"):
        figures = [{name: figure for name, figure in intern(box, run, "--type", kind).items()
                    if name not in ("groups", "remade")} for run in (quiet, open_)]
        equal(figures[0], figures[1], "what is told of %s with and without values" % kind)
        expect(figures[0]["copies"] >= 30, lambda kind=kind, figures=figures: "too few copies of %s: %s" % (kind, figures))
    # Elsewhere there are numbers that are addresses, which differ from run to run.
    groups = [{(g["type"], g["holder"]): (g["copies"], g["distinct"], g["gross_bytes"]) for g in intern(box, run)["groups"]
               if g["holder"].startswith("__main__.")} for run in (quiet, open_)]
    equal(groups[0], groups[1], "what is held by the program's own classes, with and without values")
    expect(("str", "__main__.Account.owner") in groups[0], "the owners' names are in no group")
    again = box.record(program, options=["--no-values"]).succeeds()
    hashes = [{h for trace in run.traces for h in tracefile.value_hashes(trace)} for run in (quiet, again, open_)]
    expect(hashes[0] and not hashes[0] & hashes[1], "withheld values have hashes that do not differ from run to run")
    expect(not hashes[0] & hashes[2], "withheld values have the hashes of values that are not")


@interpreters()
def test_strings_made_over_and_over_are_told_with_their_line_and_an_estimate_that_is_near(box):
    program = os.path.join(PROGRAMS, "remade.py")
    with open(program) as file:
        line = {text.partition("  # ")[2].strip(): number for number, text in enumerate(file, 1)}
    run = box.record(program).succeeds()
    rounds = int(run.out.splitlines()[0])
    remade = intern(box, run)["remade"]
    places = {place["line"]: place for place in remade["places"] if place["file"] == program}
    for what, values in (("the same", 1), ("three values", 3)):
        expect(line[what] in places, lambda what=what: "%s: not told, only %s" % (what, sorted(places)))
        place = places[line[what]]
        equal(len(place["values"]), values, "values at the line of %s" % what)
        expect(place["again"] > 100 and place["again"] >= 0.9 * place["samples"], lambda place=place: "samples: %s" % place)
        expect(abs(place["objects"] - values * rounds) < 0.2 * values * rounds,
               lambda place=place, values=values: "%d strings are said to be made, in truth %d" % (place["objects"], values * rounds))
    expect(line["different"] not in places, "strings that all differ are said to be made again")
    equal({value["value"] for value in places[line["three values"]]["values"]},
          {"first value of three", "second value of three", "third value of three"}, "the values")
    quiet = intern(box, box.record(program, options=["--no-values"]).succeeds())["remade"]
    withheld = [value["value"] for place in quiet["places"] for value in place["values"]]
    expect(withheld and set(withheld) == {None}, "values with --no-values: %s" % withheld)
    equal(sorted(place["line"] for place in quiet["places"] if place["file"] == program), sorted(places), "places with --no-values")


@slow
@timeout(300)
@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13)))
def test_five_million_strings_are_photographed_and_compared_in_twelve_seconds(box):
    # Of a processor: on a machine that does nothing else that is the time it takes.
    run = box.script("""
STRINGS = ["value %d of many" % (number % 200000) for number in range(5000000)]
""").succeeds()
    ends = [tracefile._fields(payload) for kind, payload in tracefile.payloads(run.traces[0]) if kind == tracefile.SNAPSHOT_END]
    photographed, objects = tracefile._integer(ends[-1], 9) / 1e9, tracefile._integer(ends[-1], 2)
    with subprocess.Popen([box.ouro, "intern", run.folder, "--format", "json", "--top", "1"], env=box.environment(),
                          stdout=subprocess.PIPE) as process:
        printed = process.stdout.read()
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0
    compared, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    group = json.loads(printed)["interning"]["groups"][0]
    equal((group["type"], group["holder"], group["copies"] // 1000, group["distinct"] // 1000), ("str", "list[*]", 5000, 200), "the largest group")
    expect(photographed + compared <= 12, "%.1f s in the copy, %.1f s in ouro intern" % (photographed, compared))
    expect(memory <= 100 * objects, "%d bytes for %d objects: %.1f each" % (memory, objects, memory / objects))
