# SPDX-License-Identifier: MIT
"""Heaps of extreme shape: as deep, wide or cyclic as no recursion and nothing quadratic survives.

The traces are made up by make_trace (tests/bench). The sizes that were promised take minutes and
gigabytes: those tests are slow ones.
"""

import json
import os
import re
import resource

from harness import cases, equal, expect, slow, timeout

STACK = 256 << 10  # bytes: a recursion over objects ends here after some thousand of them

SIZES = {  # small enough for every day, as large as was promised
    "list": (300000, 10000000),
    "ring": (300000, 10000000),
    "dict": (300000, 10000000),
    "tuple": (300000, 1000000),
    "cycles": (20000, 1000000),
    "loop": (100000, 5000000),
    "tangle": (100000, 5000000),
    "program": (300000, 10000000),
}


def trace(box, shape, full):
    maker = os.path.join(box.build, "tests", "make_trace")
    if not os.path.exists(maker):
        box.skip("make_trace is not built")
    path = box.path(shape + ".trace")
    made = box.command([maker, shape, SIZES[shape][full], path]).succeeds()
    objects, edges = map(int, re.findall(r"\d+", made.out))
    return path, SIZES[shape][full], objects, edges


def ouro(box, *command):
    def bound():
        resource.setrlimit(resource.RLIMIT_STACK, (STACK, STACK))

    return box.command([box.ouro, *command], preexec_fn=bound).succeeds().out


def address(index):
    """Of an object that make_trace made."""
    return "0x%x" % (0x7F0000000000 + ((index & ~63) + (index * 37 + 11) % 64) * 64)


def check_whole(report, objects, edges):
    equal(report["heap"]["objects"], objects, "objects")
    equal(report["heap"]["edges"], edges, "references")
    equal(report["heap"]["negative_residuals"], 0, "negative residuals")
    equal(report["heap"]["coverage"], 1, "coverage")


def chain(box, shape, full):
    """Objects, each held by the one before: what the first one keeps is all."""
    type = {"list": "app.Node", "tuple": "tuple"}[shape]
    path, count, objects, edges = trace(box, shape, full)
    report = json.loads(ouro(box, "report", path, "--format", "json"))
    check_whole(report, objects, edges)
    equal(report["cycles"]["groups"], [], "leaked cycles")
    types = {entry["name"]: entry for entry in json.loads(
        ouro(box, "retained", path, "--by", "type", "--format", "json"))["retained"]["entries"]}
    equal(types[type]["bytes_retained"], 48 * count, "bytes that %s keeps" % type)
    text = ouro(box, "path", path, address(objects - 1))
    more = re.search(r"([\d,]+) more", text)
    expect(more, "a path of %d steps is told in full: %s" % (count, text[:2000]))
    expect("verified" in ouro(box, "verify", path), "ouro verify does not say verified")


def wide_dict(box, shape, full):
    """What a dict keeps are its items."""
    path, count, objects, edges = trace(box, shape, full)
    report = json.loads(ouro(box, "report", path, "--format", "json"))
    check_whole(report, objects, edges)
    first = report["retained"]["entries"][0]
    equal((first["name"], first["type"]), ("app.TABLE", "dict"), "what keeps most")
    equal(first["bytes_retained"] - first["bytes_shallow"], (56 + 32) * count, "bytes of its items")
    expect("app.TABLE" in ouro(box, "path", path, address(objects - 1)), "no path to the last value")
    expect("verified" in ouro(box, "verify", path), "ouro verify does not say verified")


def ring(box, shape, full):
    """A ring is one cycle, however long."""
    path, count, objects, edges = trace(box, shape, full)
    report = json.loads(ouro(box, "report", path, "--format", "json"))
    equal(report["heap"]["objects"], objects, "objects")
    equal(len(report["cycles"]["groups"]), 1, "groups")
    group = report["cycles"]["groups"][0]
    equal((group["count"], group["objects"], group["bytes"]), (1, count, 48 * count), "the cycle")
    equal(len(group["path"]), 2, "steps of its path")
    expect("verified" in ouro(box, "verify", path), "ouro verify does not say verified")


def cycles(box, shape, full):
    """A thousand shapes are a thousand groups."""
    path, count, objects, _ = trace(box, shape, full)
    report = json.loads(ouro(box, "report", path, "--format", "json"))
    groups = report["cycles"]["groups"]
    equal(len(groups), 1000, "groups")
    equal({group["count"] for group in groups}, {count // 1000}, "cycles of a group")
    equal({len(group["path"]) for group in groups}, {2}, "steps of a path")
    equal(report["cycles"]["objects"], 4 * count, "dead objects that the collector would find")
    equal(sum(group["bytes"] for group in groups), (2 * 56 + 2 * 104 + 56) * count, "bytes of all groups")


def component(box, shape, full):
    """What is one component is one cycle, whatever there is inside."""
    path, count, _, _ = trace(box, shape, full)
    report = json.loads(ouro(box, "report", path, "--format", "json"))
    equal([(group["count"], group["objects"], group["bytes"]) for group in report["cycles"]["groups"]],
          [(1, count, 56 * count)], "the cycle")
    expect(report["cycles"]["groups"][0]["path"], "it has no path")


def program(box, shape, full):
    """What is calculated about a large heap holds."""
    path, _, objects, edges = trace(box, shape, full)
    report = json.loads(ouro(box, "report", path, "--format", "json"))
    check_whole(report, objects, edges)
    expect("verified" in ouro(box, "verify", path), "ouro verify does not say verified")


CHECKS = {"list": chain, "tuple": chain, "dict": wide_dict, "ring": ring, "cycles": cycles, "loop": component,
          "tangle": component, "program": program}


@cases(sorted(CHECKS))
def test_a_heap_of_extreme_shape_is_read(box, shape):
    CHECKS[shape](box, shape, False)


@slow
@timeout(900)
@cases(sorted(CHECKS))
def test_a_heap_of_extreme_shape_and_size_is_read(box, shape):
    CHECKS[shape](box, shape, True)
