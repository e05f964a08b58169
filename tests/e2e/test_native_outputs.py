# SPDX-License-Identifier: MIT
"""Native memory in what is written for other programs: the same stacks and figures as in `ouro native`."""

import csv
import io
import json
import os

import pprof
from comparing import baseline, check, diff
from harness import SAMPLES, equal, expect, interpreters, same_counts
from test_cycles import compile_extension
from test_fleet import one
from test_native import ALL
from test_profiles import collapsed_frame, export
from test_values import section

SOURCE = os.path.join(SAMPLES, "extension", "forgetful.c")
PROGRAM = os.path.join(SAMPLES, "extension", "buffers.py")
MEASURES = {"alloc_objects": "count", "alloc_space": "bytes", "inuse_objects": "alive", "inuse_space": "alive_bytes"}


def record(box, *arguments, options=ALL):
    if not any(name.startswith("forgetful") for name in os.listdir(box.folder)):
        compile_extension(box, SOURCE, "forgetful")
    return box.record(PROGRAM, *arguments, options=options, env={"PYTHONPATH": box.folder}).succeeds()


def frames_of(site):
    """A stack of the report as profiles have it but for folded levels, the innermost frame first."""
    native = [(f["function"] or "(%s)" % (os.path.basename(f["module"]) or "no file"), f["file"], f["line"]) for f in site["native_stack"]]
    python = [(f["function"], f["file"], f["line"]) for f in site["stack"]]
    return tuple(native + python) or (("(not known)", "", 0),)


def unfolded(stack):
    return tuple(frame for frame in stack if frame[0] != "(more levels of this recursion)")


def sums(sites, key):
    found = {}
    for site in sites:
        if site[key]:
            found[frames_of(site)] = found.get(frames_of(site), 0) + site[key]
    return found


@interpreters(one)
def test_profiles_have_the_stacks_and_figures_of_the_report(box):
    run = record(box, "2000", "3000")
    native = section(box, run, "native", "native", "--top", "0")
    profile = pprof.Profile(export(box, run.folder, "--format", "pprof", "--what", "native"))
    equal(profile.names, list(MEASURES), "measures")
    for measure, key in MEASURES.items():
        wanted = sums(native["sites"], key)
        same_counts(profile.by(lambda s: unfolded(s.stack), measure), wanted, "pprof's " + measure)
        text = export(box, run.folder, "--format", "collapsed", "--what", "native_" + measure).decode()
        got = {stack: int(number) for stack, _, number in (line.rpartition(" ") for line in text.splitlines())}
        equal(len(got), len(text.splitlines()), "stacks that are not there twice")
        same_counts(got, profile.by(lambda s: ";".join(map(collapsed_frame, reversed(s.stack))), measure), "collapsed " + measure)
    scope = json.loads(export(box, run.folder, "--format", "speedscope", "--what", "native").decode())
    equal([p["name"] for p in scope["profiles"]], ["live native bytes", "allocated native bytes", "live native blocks", "allocated native blocks"], "profiles")
    equal([sum(p["weights"]) for p in scope["profiles"]], [sum(site[key] for site in native["sites"]) for key in ("alive_bytes", "bytes", "alive", "count")], "totals")
    leak = [stack for stack in profile.by(lambda s: s.stack, "inuse_space") if stack[0][0] == "take" and stack[0][1].endswith("forgetful.c")]
    expect(leak and any(frame[1].endswith("buffers.py") for frame in leak[0]), lambda: "no stack from C to Python: %r" % leak)


@interpreters(one)
def test_records_have_a_line_for_each_stack(box):
    run = record(box, "2000", "3000")
    native = section(box, run, "native", "native", "--top", "0")
    records = [json.loads(line) for line in export(box, run.folder, "--what", "native").decode().splitlines()]
    equal(len(records), len(native["sites"]), "records")
    for found, site in zip(records, native["sites"]):
        equal([found[key] for key in MEASURES.values()], [site[key] for key in MEASURES.values()], "figures")
        equal([(f["native_function"], f["native_file"], f["native_line"], f["module"], f["inlined"]) for f in found["native_stack"]],
              [(f["function"], f["file"], f["line"], f["module"], f["inlined"]) for f in site["native_stack"]], "native frames")
        inner = site["stack"][0] if site["stack"] else {"file": "", "line": 0, "function": ""}
        equal([found[key] for key in ("file", "line", "function")], [inner[key] for key in ("file", "line", "function")], "Python frame")
    rows = list(csv.DictReader(io.StringIO(export(box, run.folder, "--format", "csv", "--what", "native").decode(), newline="")))
    equal(len(rows), sum(max(1, len(site["native_stack"])) for site in native["sites"]), "lines of CSV")


@interpreters(one)
def test_profiles_of_a_sample_have_the_totals_of_the_report(box):
    run = record(box, "50000", "4000", options=("--native", "--native-sample", "16K", "--seed", "7"))
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    profile = pprof.Profile(export(box, run.folder, "--format", "pprof", "--what", "native"))
    equal(profile.period, 16384, "period")
    expect(any("estimates" in comment for comment in profile.comments), lambda: "%s" % profile.comments)
    alive = profile.totals()["inuse_space"]
    expect("~%.1f MiB" % (alive / 2**20) in text or "~%.1f KiB" % (alive / 2**10) in text, lambda: "%d bytes alive\n%s" % (alive, text))


@interpreters(one)
def test_a_run_without_native_memory_has_none_to_export(box):
    run = box.script("pass\n").succeeds()
    for arguments in (["--what", "native"], ["--format", "pprof", "--what", "native"], ["--format", "collapsed", "--what", "native_inuse_space"]):
        refused = box.command([box.ouro, "export", run.folder, "-o", box.path("none"), *arguments])
        expect(refused.code and "has no native memory" in refused.err and not os.path.exists(box.path("none")), lambda: "%s" % refused)


def leaking(box, calls, options=ALL):
    return record(box, str(calls), "50000", options=options).folder


def native_findings(found):
    return [(f["rule"], f["key"]) for f in found["findings"] if f["rule"].startswith("native")]


@interpreters(one)
def test_a_line_whose_native_memory_grows_is_a_difference_and_a_finding(box):
    before, again, after = leaking(box, 2000), leaking(box, 2000), leaking(box, 30000)
    line, text = next((n, text) for n, text in enumerate(open(PROGRAM), 1) if "forgetful.use" in text)
    taken = next(n for n, text in enumerate(open(SOURCE), 1) if "the leak is made here" in text)
    equal([c for c in diff(box, before, again)["changes"] if c["subject"] == "native"], [], "changes of a run like the one before")
    changes = [c for c in diff(box, before, after)["changes"] if c["subject"] == "native"]
    equal([(c["key"], os.path.basename(c["file"]), c["line"], c["change"]) for c in changes], [("take in forgetful", "buffers.py", line, "grown")], "changes")
    equal([changes[0][side]["bytes"] for side in ("before", "after")], [[2 * 50000] * 2, [30 * 50000] * 2], "bytes")
    expect(changes[0]["detail"].endswith("forgetful.c:%d" % taken), lambda: "%s" % changes[0])
    agreed = baseline(box, before)
    equal(native_findings(check(box, again, "--baseline", agreed, code=0)), [], "findings of a run like the baseline's")
    found = check(box, after, "--baseline", agreed, code=1)
    suspects = [("native-growth-suspect", s["signature"]) for s in box.report(after)["leaks"]["native"]]
    equal(native_findings(found), [("native-line-growth", "take in forgetful"), ("native-growth", "native"), ("native-leak", "take in forgetful")] + suspects, "findings")
    equal([f["state"] for f in found["findings"] if f["rule"].startswith("native")], ["failure", "warning", "failure"] + ["failure"] * len(suspects), "states")
    found = check(box, after, "--baseline", agreed, "--fail-on", "native-line-growth=4MiB", code=0)
    equal([f for f in native_findings(found) if f[0] == "native-line-growth"], [], "findings within the limit")
    check(box, before, "--baseline", agreed, "--fail-on", "native-growth<=64KiB", code=1)
    leaks = [c for c in diff(box, before, after)["changes"] if c["subject"] == "native_leaks"]
    equal([(c["key"], os.path.basename(c["file"]), c["function"]) for c in leaks], [("take in forgetful", "buffers.py", "serve")], "leaks")
    equal([f["key"] for f in check(box, after, code=1)["findings"] if f["rule"] == "native-leak"], ["take in forgetful"], "without a baseline")
    text = box.command([box.ouro, "processes", after]).succeeds().out
    expect("in C at " in text.split("NATIVE LEAKS")[1] and "forgetful.c:%d" % taken in text, text)


@interpreters(one)
def test_estimates_are_compared_by_the_ranges_in_which_they_lie(box):
    options = ("--native", "--native-sample", "16K", "--seed", "7")
    before, after = leaking(box, 2000, options), leaking(box, 30000, options)
    (total,) = [json.loads(line) for line in export(box, after, "--what", "findings").decode().splitlines() if '"native"' in line]
    changes = [c for c in diff(box, before, after)["changes"] if c["subject"] == "native"]
    equal([c["key"] for c in changes], ["take in forgetful"], "changes")
    low, high = changes[0]["after"]["bytes"]
    expect(low < 1500000 < high and high - low < 2000000, lambda: "%s" % changes[0])
    expect(total["bytes"], lambda: "%s" % total)


@interpreters(one)
def test_without_native_memory_on_both_sides_nothing_of_it_is_compared(box):
    plain, after = record(box, "30000", "50000", options=()).folder, leaking(box, 30000)
    for sides in ((plain, after), (after, plain)):
        equal([c for c in diff(box, *sides)["changes"] if "native" in (c["subject"], c["key"])], [], "changes")
    equal(native_findings(check(box, after, "--baseline", baseline(box, plain))), [], "findings")
    summary = box.command([box.ouro, "report", after]).succeeds().out
    expect("NATIVE MEMORY" in summary and "NATIVE MEMORY" not in box.command([box.ouro, "report", plain]).succeeds().out, summary)
    equal(box.report(after)["native"]["alive_bytes"], section(box, type("run", (), {"folder": after}), "native", "native")["alive_bytes"], "bytes alive")
