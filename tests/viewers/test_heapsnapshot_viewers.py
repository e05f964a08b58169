# SPDX-License-Identifier: MIT
"""memlab and the code of Chrome's DevTools say of every object what ouro says it retains."""

import json
import os

from harness import cases, equal, expect, interpreters, supported, timeout
from test_snapshots import Running

HERE = os.path.dirname(os.path.abspath(__file__))
TWICE = """
class Node:
    def __init__(self, n):
        self.n = n * 1000
kept = [Node(n) for n in range(300)]
import sys
print("ready", flush=True)
sys.stdin.readline()
del kept[:20]
kept += [Node(n) for n in range(500)]
"""


def viewer(box, name, file, *more):
    """Each node as the viewer sees it, and what it printed."""
    sizes = box.path("sizes.txt")
    if name == "memlab":
        command = ["node", os.path.join(HERE, "memlab_sizes.cjs"), box.package("@memlab/core"), file, sizes]
    else:
        command = ["node", os.path.join(HERE, "devtools_sizes.cjs"), box.package("heap-snapshot-toolkit"), sizes, file, *more]
    out = box.command(command).succeeds().out
    return [line.split() for line in box.read("sizes.txt").splitlines()], out


@interpreters(lambda python: supported(python) and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)))
@cases(["memlab", "devtools"])
@timeout(120)
def test_viewer_calculates_the_same_retained_sizes(box, name):
    run = box.sample("service.py")
    file = box.path("service.heapsnapshot")
    box.command([box.ouro, "export", run.folder, "--format", "heapsnapshot", "-o", file]).succeeds()
    nodes, _ = viewer(box, name, file)
    asked = box.command([box.ouro, "query", run.folder, "SELECT size, retained FROM objects ORDER BY id", "--limit", "0", "--format", "csv"]).succeeds().out
    ours = [line.split(",") for line in asked.split()[1:]]
    first = len(nodes) - len(ours)
    expect(len(ours) > 10000, "few objects are compared")
    equal([node[2:4] for node in nodes[first:]], ours, "sizes and retained sizes of all objects")
    equal(int(nodes[0][3]), box.report(run)["heap"]["bytes"], "what the first node retains")


@interpreters(lambda python: supported(python) and python.minor in ((3, 8), (3, 12), (3, 14)))
def test_devtools_compares_two_snapshots(box):
    files = []
    with Running(box, TWICE) as running:
        equal(running.line(), "ready", "the program's output")
        box.command([box.ouro, "snapshot", str(running.pid)]).succeeds()
        running.ends()
    for number in ("1", "2"):
        files.append(box.path("%s.heapsnapshot" % number))
        box.command([box.ouro, "export", running.folder, "--format", "heapsnapshot", "--snapshot", number, "-o", files[-1]]).succeeds()
    _, out = viewer(box, "devtools", *files)
    changes = {name: (added, removed) for name, added, removed in json.loads(out.splitlines()[-1])}
    equal(changes["__main__.Node"], (500, 20), "instances added and removed")
    expect(changes.get("module", (0, 0))[1] == 0, "a module has another number: %r" % (changes,))
