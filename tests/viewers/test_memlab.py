# SPDX-License-Identifier: MIT
"""memlab opens the heap and says of every object what ouro says it retains."""

import json
import os

from harness import equal, expect, interpreters, supported, timeout

HERE = os.path.dirname(os.path.abspath(__file__))


@interpreters(lambda python: supported(python) and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)))
@timeout(120)
def test_memlab_calculates_the_same_retained_sizes(box):
    package = box.package("@memlab/core")
    run = box.sample("service.py")
    file, sizes = box.path("service.heapsnapshot"), box.path("sizes.txt")
    box.command([box.ouro, "export", run.folder, "--format", "heapsnapshot", "-o", file]).succeeds()
    box.command(["node", os.path.join(HERE, "memlab_sizes.cjs"), package, file, sizes]).succeeds()
    nodes = [line.split() for line in box.read("sizes.txt").splitlines()]

    exported = box.command([box.ouro, "export", run.folder, "--what", "objects"]).succeeds().out.splitlines()
    first = len(nodes) - len(exported)
    number = {entry["address"]: entry["object"] for entry in map(json.loads, exported)}
    result = box.command([box.ouro, "retained", run.folder, "--format", "json", "--top", "0"]).succeeds()
    ours = json.loads(result.out)["retained"]
    for entry in ours["entries"]:
        node = nodes[first + number[entry["address"]]]
        equal(int(node[2]), entry["bytes_shallow"], "memlab's size of %s" % entry["name"])
        equal(int(node[3]), entry["bytes_retained"], "what memlab says that %s retains" % entry["name"])
    expect(len(ours["entries"]) > 5000, "few objects were compared")
    equal(int(nodes[0][3]), ours["bytes"], "what memlab says that the first node retains")
