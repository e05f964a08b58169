# SPDX-License-Identifier: MIT
"""Native memory in what is written for other programs: the same stacks and figures as in `ouro native`."""

import csv
import io
import json
import os

import pprof
from harness import SAMPLES, equal, expect, interpreters, same_counts
from test_cycles import compile_extension
from test_native import ALL
from test_profiles import collapsed_frame, export
from test_values import section

SOURCE = os.path.join(SAMPLES, "extension", "forgetful.c")
PROGRAM = os.path.join(SAMPLES, "extension", "buffers.py")
SOME = lambda python: python.supported and python.minor in ((3, 11), (3, 13))  # noqa: E731
MEASURES = {"alloc_objects": "count", "alloc_space": "bytes", "inuse_objects": "alive", "inuse_space": "alive_bytes"}


def record(box, *arguments, options=ALL):
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


@interpreters(SOME)
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


@interpreters(SOME)
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


@interpreters(SOME)
def test_profiles_of_a_sample_have_the_totals_of_the_report(box):
    run = record(box, "50000", "4000", options=("--native", "--native-sample", "16K", "--seed", "7"))
    text = box.command([box.ouro, "native", run.folder]).succeeds().out
    profile = pprof.Profile(export(box, run.folder, "--format", "pprof", "--what", "native"))
    equal(profile.period, 16384, "period")
    expect(any("estimates" in comment for comment in profile.comments), lambda: "%s" % profile.comments)
    alive = profile.totals()["inuse_space"]
    expect("~%.1f MiB" % (alive / 2**20) in text or "~%.1f KiB" % (alive / 2**10) in text, lambda: "%d bytes alive\n%s" % (alive, text))


@interpreters(SOME)
def test_a_run_without_native_memory_has_none_to_export(box):
    run = box.script("pass\n").succeeds()
    for arguments in (["--what", "native"], ["--format", "pprof", "--what", "native"], ["--format", "collapsed", "--what", "native_inuse_space"]):
        refused = box.command([box.ouro, "export", run.folder, "-o", box.path("none"), *arguments])
        expect(refused.code and "has no native memory" in refused.err and not os.path.exists(box.path("none")), lambda: "%s" % refused)
