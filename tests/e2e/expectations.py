# SPDX-License-Identifier: MIT
"""What a sample says ouro should find, and whether a report says so.

The first comment of a sample holds one expectation a line:

    # ouro: GARBAGE 1000 x TYPE EDGE -> TYPE EDGE … @ FILE:LINE
        so many leaked cycles of that path, which leads back to its start; the order is that of the
        references, where the path starts is free. LINE made one of the objects on it.
    # ouro: NO-GARBAGE PREFIX
        no leaked cycle contains an object whose type starts with PREFIX
    # ouro: INTERN TYPE 5000 copies 4 distinct in HOLDER @ FILE:LINE
        so many equal values of that type in that holder

An allocation line is the innermost frame in FILE: a library may have allocated on its behalf.
Where versions of the runtime really differ, versions.py says how.
"""

import os
import re

import versions
from harness import ROOT, SAMPLES, expect, fail

GARBAGE = re.compile(r"(GARBAGE|UNCOLLECTABLE|EXTERNALLY_HELD) (\d+) x (.+?) @ (\S+):(\d+)$")
NO_GARBAGE = re.compile(r"NO-GARBAGE (\S+)$")
INTERN = re.compile(r"INTERN (\S+) (\d+) copies (\d+) distinct in (\S+)(?: @ (\S+):(\d+))?$")


def samples():
    """Names of all samples that say what to find, relative to samples/. test_cycles.py and test_leaks.py speak of the others."""
    found = []
    for folder, _, files in os.walk(SAMPLES):
        if os.path.basename(folder) in ("extension", "cures", "growth"):
            continue
        found += [os.path.relpath(os.path.join(folder, f), SAMPLES) for f in files if f.endswith(".py")]
    return sorted(found)


def lines_of(sample, version):
    """The expectations of a sample for a version of the runtime."""
    with open(os.path.join(SAMPLES, sample)) as file:
        header = [line[len("# ouro: "):].rstrip("\n") for line in file if line.startswith("# ouro: ")]
    expect(header, "samples/%s does not say what ouro should find" % sample)
    return versions.adapt(sample, header, version)


def steps(text):
    """A path as a tuple of (type, edge)."""
    return tuple(tuple(step.split(" ", 1)) if " " in step else (step, "") for step in text.split(" -> "))


def canonical(path):
    """The same for all rotations of a cyclic path."""
    return min(path[k:] + path[:k] for k in range(len(path)))


def path_of(group):
    return tuple((step["type"], step["edge"]) for step in group["path"])


def show(path):
    return " -> ".join(" ".join(step).rstrip() for step in path)


def lines_in(sites, file):
    """The lines of a file that stand behind allocation sites."""
    lines = set()
    for site in sites:
        for frame in [site] + list(site.get("stack") or []):
            if frame["file"] and os.path.join(ROOT, file) == os.path.join(ROOT, frame["file"]):
                lines.add(frame["line"])
                break
    return lines


def describe(group):
    places = ", ".join("%s:%s" % (site["file"], site["line"]) for site in group["sites"][:3])
    return "  %s %d x %s @ %s" % (group["verdict"], group["count"], show(path_of(group)), places or "no line")


def check(line, report):
    for pattern, checker in ((GARBAGE, check_cycles), (NO_GARBAGE, check_no_garbage), (INTERN, check_interning)):
        match = pattern.match(line)
        if match:
            return checker(line, match.groups(), report)
    return fail("not an expectation: " + line)


def check_cycles(line, fields, report):
    verdict, count, path, file, number = fields
    wanted = canonical(steps(path))
    groups = report["cycles"]["groups"]
    found = [
        g for g in groups if g["path"] and canonical(path_of(g)) == wanted and g["verdict"] == verdict
        # A library may leak cycles of the same path: those of the sample are made there for the most part.
        and lines_in(g["sites"][:1], file)]
    got = sum(group["count"] for group in found)
    expect(got == int(count), lambda: "wanted: %s\ngot %d cycles of this path; groups of the sample:\n%s" % (
        line, got, "\n".join(describe(g) for g in groups[:50] if lines_in(g["sites"], file)) or "  none"))
    for group in found:
        lines = lines_in(group["sites"], file)
        expect(int(number) in lines, lambda: "wanted: %s\nallocated in %s at %s\n%s" % (
            line, file, sorted(lines) or "no line", describe(group)))
    return found


def check_no_garbage(line, fields, report):
    groups = [g for g in report["cycles"]["groups"] if any(s["type"].startswith(fields[0]) for s in g["path"])]
    expect(not groups, lambda: "wanted: %s\n%s" % (line, "\n".join(describe(group) for group in groups)))
    return []


def check_interning(line, fields, report):
    kind, copies, distinct, holder, file, number = fields
    groups = report["interning"]["groups"]
    found = [g for g in groups if g["type"] == kind and g["holder"] == holder]
    expect(found, lambda: "wanted: %s\nno such group; those of this type: %s" % (
        line, [(g["holder"], g["copies"], g["distinct"]) for g in groups if g["type"] == kind][:15]))
    got = [(g["copies"], g["distinct"]) for g in found]
    expect(got == [(int(copies), int(distinct))], lambda: "wanted: %s\ngot copies, distinct: %s" % (line, got))
    if file:
        lines = lines_in(found[0]["sites"][:1], file)
        expect(int(number) in lines, lambda: "wanted: %s\nallocated in %s at %s" % (line, file, sorted(lines) or "no line"))
    return []
