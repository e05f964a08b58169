# SPDX-License-Identifier: MIT
"""Runs as profiles and tables for other programs: every format has the figures of the report, and what a
program calls its things breaks none of them."""

import csv
import io
import json
import os
import re
import stat

import pprof
from harness import PROGRAMS, equal, expect, interpreters, same_counts

HOSTILE = os.path.join(PROGRAMS, "hostile_names.py")
MEASURES = [kind + "_" + unit for kind in ("alloc", "inuse", "leaked", "peak") for unit in ("objects", "space")]
NO_LINES = {"(no Python line)", "(more levels of this recursion)", "(free lists)"}


def export(box, folder, *options):
    path = box.path("export")
    box.command([box.ouro, "export", folder, "-o", path, *options]).succeeds()
    with open(path, "rb") as file:
        return file.read()


def profile_of(box, folder, *options):
    return pprof.Profile(export(box, folder, "--format", "pprof", *options))


def types_of(box, folder):
    out = box.command([box.ouro, "types", folder, "--format", "json", "--top", "0"]).succeeds().out
    return json.loads(out)["types"]["entries"]


def reported(report):
    """The figures of a report that the measures of a profile are."""
    churn, heap, cycles = report["churn"], report["heap"], report["cycles"]
    loose = cycles["loose_bytes"] + (0 if any(not group["pending"] for group in cycles["groups"]) else cycles["shared_bytes"])
    return {
        "alloc_objects": churn["allocations"] + churn["plain_allocations"],
        "alloc_space": churn["bytes"] + churn["plain_bytes"],
        "inuse_objects": heap["objects"],
        "inuse_space": heap["bytes"],
        "leaked_space": cycles["bytes"] - cycles["pending_bytes"] - loose,
        "peak_objects": heap["peak"]["blocks"],
        "peak_space": heap["peak"]["bytes"],
    }


def totals_are_those_of_the_report(box, folder, profile):
    report = box.report(folder, "--top", "0")
    totals = profile.totals()
    same_counts({name: totals[name] for name in MEASURES if name != "leaked_objects"}, reported(report), "totals of the profile")
    return report, totals


def leaked_are_the_dead(report, profile, types, least=16 * 2):
    """By type, but for what is dead without a cycle: without a lock, code waits for the collector."""
    leaked = profile.by(lambda s: s.type, "leaked_objects")
    dead = {name: t["dead"] for name, t in types.items()}
    if report["cycles"]["loose_bytes"]:
        own = "evil.module."
        leaked, dead = ({n: count for n, count in side.items() if n.startswith(own)} for side in (leaked, dead))
    equal(report["cycles"]["pending_count"], 0, "cycles that wait for a collector which is off")
    same_counts(leaked, dead, "leaked objects by type")
    expect(sum(leaked.values()) >= least, lambda: "the program does not leak what it should: %r" % leaked)


def lines_of(stack):
    """Frames as the report has them: without what stands for no line."""
    return tuple((name, file, line) for name, file, line in stack if file or name not in NO_LINES)


def collapsed_frame(frame):
    name, file, line = (part.replace(";", ":") if isinstance(part, str) else part for part in frame)
    return name if not file else "%s (%s:%d)" % (name, file, line) if line else "%s (%s)" % (name, file)


def stacks_agree(box, folder, profile, totals):
    """Collapsed stacks and speedscope have what pprof has, stack by stack."""
    shown = {s.stack: ";".join(map(collapsed_frame, reversed(s.stack))) for s in profile.samples}
    for measure in ("alloc_objects", "inuse_space", "leaked_space", "peak_space"):
        wanted = profile.by(lambda s: shown[s.stack], measure)
        text = export(box, folder, "--format", "collapsed", "--what", measure).decode()
        got = {}
        for line in text.split("\n")[:-1]:
            stack, _, number = line.rpartition(" ")
            got[stack] = got.get(stack, 0) + int(number)
        same_counts(got, wanted, "collapsed stacks of " + measure)
    scope = json.loads(export(box, folder, "--format", "speedscope").decode())
    equal("command: " + scope["name"], profile.comments[0], "name of the speedscope file")
    frames = [(f["name"], f.get("file", ""), f.get("line", 0)) for f in scope["shared"]["frames"]]
    measures = {
        "live bytes": "inuse_space", "allocated bytes": "alloc_space", "live objects": "inuse_objects",
        "allocated objects": "alloc_objects", "bytes at the peak": "peak_space", "objects at the peak": "peak_objects",
        "leaked bytes": "leaked_space", "leaked objects": "leaked_objects"}
    wanted = [name for name, measure in measures.items() if totals[measure]]
    equal([p["name"] for p in scope["profiles"]], wanted, "profiles of the speedscope file")
    for found in scope["profiles"]:
        measure = measures[found["name"]]
        equal((found["type"], found["unit"]), ("sampled", "bytes" if measure.endswith("space") else "none"), measure)
        equal((found["startValue"], found["endValue"]), (0, totals[measure]), "range of " + measure)
        got = {}
        for stack, weight in zip(found["samples"], found["weights"]):
            key = tuple(frames[n] for n in reversed(stack))
            got[key] = got.get(key, 0) + weight
        equal(len(found["samples"]), len(found["weights"]), "samples and weights")
        same_counts(got, profile.by(lambda s: s.stack, measure), "speedscope's " + measure)


@interpreters()
def test_profiles_have_the_figures_of_the_report_whatever_things_are_called(box):
    run = box.record(HOSTILE).succeeds()
    first = export(box, run.folder, "--format", "pprof")
    equal(stat.S_IMODE(os.stat(box.path("export")).st_mode), 0o600, "mode of the file")
    equal(export(box, run.folder, "--format", "pprof") == first, True, "the same trace gives the same bytes")
    profile = pprof.Profile(first)
    equal(profile.names, MEASURES, "measures")
    equal((profile.default, profile.period_type, profile.period), ("inuse_space", ("space", "bytes"), 1), "default and period")
    expect(not any(c < " " or c == "\x7f" for text in profile.strings for c in text), "a control character got through")
    equal(profile.comments[0], "command: %s %s" % (box.python.path, HOSTILE), "first comment")
    equal(list(profile.mappings.values()), [os.path.realpath(box.python.path)], "mapping")
    report, totals = totals_are_those_of_the_report(box, run.folder, profile)
    for count, name in ((report["heap"]["snapshots"][0]["time"], "duration"), (1, "time")):
        expect(getattr(profile, name) > count, "no " + name)

    types = types_of(box, run.folder)
    known = {t["type"] or "(not known)": t for t in types}
    same_counts(profile.by(lambda s: s.type, "inuse_objects"), {n: t["count"] for n, t in known.items()}, "objects by type")
    same_counts(profile.by(lambda s: s.type, "inuse_space"), {n: t["bytes"] for n, t in known.items()}, "bytes by type")
    leaked_are_the_dead(report, profile, known)

    for measure, figure in (("alloc_objects", "allocations"), ("alloc_space", "bytes")):
        wanted = {}
        for site in report["churn"]["sites"]:
            stack = tuple((f["function"], f["file"], f["line"]) for f in site["stack"])
            key = stack, site["type"] or "(not known)"
            wanted[key] = wanted.get(key, 0) + site[figure]
        got = profile.by(lambda s: (lines_of(s.stack), s.type), measure)
        got = {key: count for key, count in got.items() if key[1] != "(plain memory)"}
        same_counts(got, {key: count for key, count in wanted.items() if count}, measure + " by stack and type")
    expect(any(frame[0] == "(more levels of this recursion)" for s in profile.samples for frame in s.stack),
           "recursion was folded and nothing says so")
    starts = {(name, file): line for name, file, line in profile.functions.values()}
    equal(starts["</script><script>alert(1)</script>", [f for n, f in starts if n.startswith("</scr")][0]], 5,
          "first line of a function")
    stacks_agree(box, run.folder, profile, totals)


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 12), (3, 15)))
def test_tables_have_the_same_records_as_json_and_no_formulas(box):
    run = box.record(HOSTILE, options=["--lives"]).succeeds()
    for what in ("objects", "edges", "sites", "epochs", "lives"):
        records = [json.loads(line) for line in export(box, run.folder, "--what", what).decode().splitlines()]
        text = export(box, run.folder, "--format", "csv", "--what", what).decode()
        expect(text.endswith("\r\n") and text.count("\n") == text.count("\r\n"), "lines end in CR LF")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        header, rows = rows[0], rows[1:]
        if what == "epochs":
            records = [dict(epoch, **change) for epoch in records for change in epoch.pop("changes") or [{}]]
        equal(len(rows), len(records), "rows of " + what)
        for row, record in zip(rows, records):
            equal(set(record) - set(header), set(), "fields without a column")
            if row != [cell(record.get(name)) for name in header]:
                equal(dict(zip(header, row)), record, "row and record of " + what)
            # Times and sizes may be negative numbers; nothing else may look like a formula.
            expect(not any(re.match("[=+@\uff1d\uff0b\uff0d\uff20-]", c) and not re.match(r"-[0-9.]+$", c) for c in row),
                   lambda: "a formula: %r" % row)
    names = {row[0] for row in csv.reader(io.StringIO(text, newline=""))}
    expect("evil.module.=cmd|\"/c calc\"!A1" in names or "'=cmd|\"/c calc\"!A1" in names, lambda: repr(sorted(names)))


def cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str):
        return "'" + value if re.match("[=+@\uff1d\uff0b\uff0d\uff20-]", value) else value
    return "%.9f" % value if isinstance(value, float) else str(value)


@interpreters()
def test_profiles_of_samples_have_the_figures_of_the_report(box):
    run = box.record(HOSTILE, options=["--sample", "512", "--seed", "7"]).succeeds()
    profile = profile_of(box, run.folder)
    equal(profile.period, 512, "period")
    report, _ = totals_are_those_of_the_report(box, run.folder, profile)
    types = {t["type"] or "(not known)": t for t in types_of(box, run.folder)}
    same_counts(profile.by(lambda s: s.type, "inuse_space"), {n: t["bytes"] for n, t in types.items()}, "bytes by type")
    # Without a lock, a snapshot of a sampled run does not find all that nothing leads to.
    leaked_are_the_dead(report, profile, types, 0 if box.python.lockless else 16 * 2)
    # What was sampled of a type says where all of it is from.
    placed = profile.by(lambda s: (s.type, "hostile_names.py" in str(s.stack)), "inuse_objects")
    from_program = {name: count for (name, ours), count in placed.items() if ours and name.startswith("evil.module.")}
    expect(from_program, "no instance of a class is in the sample")
    same_counts(from_program, {name: types[name]["count"] for name in from_program}, "objects with a place")


KILLED = """
import os, signal
kept = [object() for n in range(5000)]
os.kill(os.getpid(), signal.SIGKILL)
"""


@interpreters()
def test_without_a_snapshot_a_profile_has_what_was_alive_at_the_end(box):
    run = box.script(KILLED, options=["--epoch", "64k"])
    profile = profile_of(box, run.folder)
    totals, churn = profile.totals(), box.report(run.folder, "--top", "0")["churn"]
    plain = profile.by(lambda s: s.type, "inuse_objects").get("(plain memory)", 0)
    equal(totals["inuse_objects"] - plain, churn["alive"], "objects alive")
    equal((totals["leaked_objects"], totals["leaked_space"]), (0, 0), "nothing is known of cycles")
    expect(any("there is no snapshot" in comment for comment in profile.comments), lambda: repr(profile.comments))
    refused = box.command([box.ouro, "export", run.folder, "--format", "collapsed", "--what", "leaked_space"])
    expect(refused.code == 2 and "no whole snapshot" in refused.err, refused)


CACHE = """
import gc
gc.disable()
class Node:
    pass
CACHE = {'a "name"\\\\ here': {n: [str(n)] * 50 for n in range(2000)}}
for n in range(50):
    node = Node()
    node.child = Node()
    node.child.parent = node
"""


def dot_strings(text):
    """All quoted strings; what is left must be the syntax that we write."""
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text, re.S)
    rest = re.sub(r'"(?:[^"\\]|\\.)*"', "S", text, flags=re.S)
    for line in rest.splitlines():
        expect(re.match(r"(digraph \w+ \{|\}|rankdir=LR;|label=S;|(subgraph \w+ \{|\})"
                        r"|\w+( -> \w+)? \[\w+=(S|\w+)(, \w+=(S|\w+))*\];|\})$", line.strip()),
               lambda: "not dot: %r" % line)
    return strings


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 13)))
def test_graphs_show_cycles_and_the_paths_to_what_is_kept(box):
    run = box.script(CACHE).succeeds()
    cycles = export(box, run.folder, "--format", "dot").decode()
    equal(cycles, box.command([box.ouro, "cycles", run.folder, "--format", "dot"]).out, "what ouro cycles draws")
    expect(".parent" in dot_strings(cycles), cycles)
    paths = export(box, run.folder, "--format", "dot", "--what", "paths").decode()
    strings = dot_strings(paths)
    expect(any(s.startswith("dict\\nkeeps ") for s in strings), paths)
    expect("['a \\\"name\\\"\\\\\\\\ here']" in strings or ".CACHE" in strings, lambda: repr(strings))
    hostile = box.record(HOSTILE).succeeds()
    for what in ("cycles", "paths"):
        longest = max(map(len, dot_strings(export(box, hostile.folder, "--format", "dot", "--what", what).decode())))
        expect(longest < 1000, "a label of %d bytes" % longest)
