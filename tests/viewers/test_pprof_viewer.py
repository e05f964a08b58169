# SPDX-License-Identifier: MIT
"""go tool pprof reads the profile and has the totals of the report."""

import json
import os
import re

from harness import PROGRAMS, equal, expect, interpreters, same_counts, supported, timeout

HOSTILE = os.path.join(PROGRAMS, "hostile_names.py")


def some(python):
    return supported(python) and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15))


def pprof(box, *arguments):
    box.need("go")
    # It looks for nothing on the network, and for no executable that the profile may name.
    result = box.command(["go", "tool", "pprof", *arguments], env={"PPROF_TMPDIR": box.folder, "HOME": box.folder}).succeeds()
    return result.out + result.err


def figures(box, run, options=()):
    """What the report and the table of types say, by the measure that it is in a profile."""
    report = box.report(run, *options)
    churn, heap, cycles = report["churn"], report["heap"], report["cycles"]
    out = box.command([box.ouro, "types", run.folder, "--format", "json", "--top", "0"]).succeeds().out
    types = json.loads(out)["types"]["entries"]
    # Without a lock, code that nothing refers to waits for the collector: dead, but no cycle's.
    leaked = {} if cycles["loose_bytes"] else {"leaked_objects": sum(t["dead"] for t in types)}
    return dict(leaked, **{
        "alloc_objects": churn["allocations"] + churn["plain_allocations"],
        "alloc_space": churn["bytes"] + churn["plain_bytes"],
        "inuse_objects": heap["objects"],
        "inuse_space": heap["bytes"],
        "leaked_space": cycles["bytes"] - cycles["loose_bytes"],
        "peak_objects": heap["peak"]["blocks"],
        "peak_space": heap["peak"]["bytes"],
    }), types


def raw_totals(text):
    """Sums of the samples that -raw prints, each with its label on the line below it."""
    names = re.search(r"^Samples:\n(.*)$", text, re.M).group(1).split()
    names = [name.partition("/")[0] for name in names]
    rows = re.findall(r"^ +((?:\d+ +)*\d+): [\d ]+$\n +type:\[", text, re.M)
    expect(len(rows) > 200, "-raw shows only %d samples" % len(rows))
    sums = [sum(column) for column in zip(*(map(int, row.split()) for row in rows))]
    return dict(zip(names, sums))


def top_total(text):
    return int(re.search(r"of (\d+)B total$", text, re.M).group(1))


@interpreters(some)
@timeout(180)
def test_pprof_has_the_totals_of_the_report(box):
    for name, program, options in (("tree", None, ()), ("hostile", HOSTILE, ()), ("sampled", HOSTILE, ("--sample", "512"))):
        run = box.record(program, options=options).succeeds() if program else box.sample("tree.py")
        file = box.path(name + ".pb.gz")
        box.command([box.ouro, "export", run.folder, "--format", "pprof", "-o", file]).succeeds()
        wanted, types = figures(box, run)
        if not options:
            raw = raw_totals(pprof(box, "-raw", file))
            same_counts({measure: raw[measure] for measure in wanted}, wanted, "totals of go tool pprof -raw")
        for measure, total in wanted.items():
            top = pprof(box, "-top", "-unit=B", "-sample_index=" + measure, file)
            equal(top_total(top), total, "go tool pprof -top of " + measure)
        expect("Type: inuse_space" in pprof(box, "-top", file), "the default measure")
        largest = types[0]
        focused = pprof(box, "-top", "-unit=B", "-nodefraction=0", "-tagfocus=type=^%s$" % re.escape(largest["type"]), file)
        equal(int(re.search(r"accounting for (\d+)B", focused).group(1)), largest["bytes"], "bytes of the largest type by its label")


@interpreters(some)
@timeout(120)
def test_pprof_shows_lines_and_the_names_python_has(box):
    run = box.sample("tree.py")
    file = box.path("tree.pb.gz")
    box.command([box.ouro, "export", run.folder, "--format", "pprof", "-o", file]).succeeds()
    lines = pprof(box, "-top", "-lines", "-nodefraction=0", "-sample_index=alloc_objects", file)
    for name in ("<module>", "parse", "<genexpr>" if box.python.minor < (3, 11) else r"main.<locals>.<genexpr>"):
        expect(re.search(r" %s .*tree\.py:\d+$" % name, lines, re.M), lambda: "no line of %s\n%s" % (name, lines))
    listed = pprof(box, "-list", "^parse$", "-sample_index=leaked_space", "-unit=B", file)
    expect(re.search(r"^ +\d+B +\d+B +23: +Node\(name, parent=root\)$", listed, re.M), lambda: "no source line\n" + listed)
