# SPDX-License-Identifier: MIT
"""The heap in the format of Chrome's DevTools is the heap of the report, and keeps what it keeps there."""

import json

from harness import equal, expect, interpreters, supported
from heapsnapshot import Snapshot
from test_snapshots import IDLE, Running

HEAP = """
import gc
gc.disable()
class Node:
    def __init__(self, n):
        self.blob = bytes(bytearray(100 + n))
        self.table = {"number": n, 7: [n, str(n) * 20]}
def grow():
    return [Node(n) for n in range(300)]
nodes = grow()
def leak(n):
    one, other = Node(n), Node(n)
    one.other, other.one = other, one
    one.shared = other.shared = nodes
for n in range(20):
    leak(n)
strange = type('</script>"\\\\\\u202e' + "x" * 10000, (), {})()
strange.__dict__["</script>\\u2028"] = Node(1)
strange.__dict__["\\x00\\x1b[31m"] = Node(2)
strange.__dict__["\\ud800"] = "a value that is there twice"
other = "a value that is there " + str("twice" if strange else 0)
"""


def some(python):
    return supported(python) and python.minor in ((3, 8), (3, 12), (3, 14))


def export(box, folder, *options):
    path = box.path("heap.heapsnapshot")
    box.command([box.ouro, "export", folder, "--format", "heapsnapshot", "-o", path, *options]).succeeds()
    with open(path, encoding="utf-8") as file:
        return Snapshot(file.read())


def lines(box, folder, what, *options):
    out = box.command([box.ouro, "export", folder, "--what", what, *options]).succeeds().out
    return [json.loads(line) for line in out.splitlines()]


@interpreters()
def test_heapsnapshot_keeps_what_the_report_says(box):
    run = box.script(HEAP).succeeds()
    snapshot, report = export(box, run.folder), box.report(run)
    equal(sum(node.self_size for node in snapshot.nodes), report["heap"]["bytes"], "bytes of all nodes")
    objects = lines(box, run.folder, "objects")
    first = len(snapshot.nodes) - len(objects)
    equal({node.type for node in snapshot.nodes[:first]}, {"synthetic"}, "nodes that are no object")
    identifiers = [node.id for node in snapshot.nodes]
    equal(len(set(identifiers)), len(identifiers), "different identifiers")
    expect(all(number % 2 == 1 and number < 1 << 32 for number in identifiers), "identifiers are odd and have 32 bits")

    retained = snapshot.retained()
    index = {entry["address"]: first + entry["object"] for entry in objects}
    result = box.command([box.ouro, "retained", run.folder, "--format", "json", "--top", "0"]).succeeds()
    ours = {entry["address"]: entry["bytes_retained"] for entry in json.loads(result.out)["retained"]["entries"]}
    expect(len(ours) > 1000, "few objects are listed")
    for address, size in ours.items():
        equal(retained[index[address]], size, "bytes that %r retains" % snapshot.nodes[index[address]])
    garbage, = (node for node in snapshot.nodes[:first] if node.name == "(garbage)")
    equal(retained[garbage.index], report["cycles"]["bytes"], "bytes that are dead")

    nodes, = (target for node in snapshot.nodes for kind, name, target in node.edges
              if kind == "property" and name == "nodes" and target.name == "list")
    elements = [target for kind, _, target in nodes.edges if kind == "element"]
    equal([element.name for element in elements], ["__main__.Node"] * 300, "elements of the list")
    frames = snapshot.stacks()[elements[7].trace_node_id]
    expect(any(function.startswith("grow") and line == 9 for function, _, line in frames), "the stack of an element is %r" % (frames,))


@interpreters(some)
def test_heapsnapshot_bears_hostile_names(box):
    run = box.script(HEAP).succeeds()
    snapshot = export(box, run.folder)
    strange, = (node for node in snapshot.nodes if "</script>" in node.name and node.type == "object")
    expect("x" * 100 in strange.name, lambda: "the name of the class is %r" % strange.name)
    names = {name for node in snapshot.nodes for kind, name, _ in node.edges if kind == "property"}
    expect(any("</script>" in name for name in names), "the attribute is gone")
    for text in snapshot.file["strings"]:
        text.encode()  # no surrogate alone
        expect(not any(ord(letter) < 32 for letter in text), lambda: "a control character in %r" % text)
    expect(any(node.type == "string" and node.name == "a value that is there twice" for node in snapshot.nodes), "a string has no value")


@interpreters(some)
def test_heapsnapshot_numbers_an_object_the_same_in_every_snapshot(box):
    with Running(box, IDLE) as running:
        equal(running.line(), "ready", "the program's output")
        box.command([box.ouro, "snapshot", str(running.pid)]).succeeds()
        equal(running.ends(), "done", "the program's output")
    found = []
    for number in ("1", "2"):
        nodes = export(box, running.folder, "--snapshot", number).nodes
        objects = lines(box, running.folder, "objects", "--snapshot", number)
        first = len(nodes) - len(objects)
        found.append({(entry["address"], entry["type"], entry["birth"]): nodes[first + entry["object"]].id for entry in objects})
    before, after = found
    both = before.keys() & after.keys()
    expect(len(both) > 1500, "few objects are in both snapshots")
    moved = [key for key in both if before[key] != after[key]]
    # Two objects whose hashes are equal change it when one of them dies: one pair in some ten thousand.
    expect(len(moved) <= 2, lambda: "%d of %d have another number: %r" % (len(moved), len(both), moved[:5]))
    taken = {number: key for key, number in before.items()}
    wrong = [key for key, number in after.items() if taken.get(number, key) != key]
    expect(len(wrong) <= 2, lambda: "%d have the number that another one had: %r" % (len(wrong), wrong[:5]))
