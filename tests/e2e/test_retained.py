# SPDX-License-Identifier: MIT
"""Retained sizes and paths are those the program can calculate itself, on every interpreter."""

import json
import os
import sys

import schema
from blocks import block
from harness import ROOT, cases, equal, expect, interpreters

BLOCKS = """
import gc, json, sys

class Box:
    def __init__(self):
        self.content = {}

class Needle:
    __slots__ = ("inside",)

shelf = {"blobs": [bytes(bytearray(100 + n % 300)) for n in range(2000)]}
shared = [bytes(bytearray(5000)) for n in range(10)]
also_shared = list(shared)
box = Box()
needle = Needle()
needle.inside = (0, [bytearray(8), needle])
box.content["drawer"] = [None, ("left", {"needle": needle})]
expression = "box.content['drawer'][1][1]['needle']"
assert eval(expression) is needle
del needle
blobs = shelf["blobs"]
items = [sys.getsizeof(blob) for blob in blobs]
json.dump({"address": hex(id(eval(expression))), "expression": "__main__." + expression, "blobs": hex(id(blobs)),
           "items": items, "shared": hex(id(shared))}, open("inside.json", "w"))
del blobs, items
"""


def retained(box, run, *options):
    result = box.command([box.ouro, "retained", run.folder, "--format", "json", *options]).succeeds()
    return json.loads(result.out)["retained"]


def recorded(box):
    run = box.script(BLOCKS).succeeds()
    return run, json.loads(box.read("inside.json"))


@interpreters()
def test_list_of_bytes_retains_the_sum_of_its_blocks(box):
    run, inside = recorded(box)
    entries = {entry["address"]: entry for entry in retained(box, run, "--top", "0")["entries"]}
    blobs = entries[inside["blobs"]]
    equal(blobs["bytes_retained"] - blobs["bytes_shallow"], sum(block(size, box.python.lockless) for size in inside["items"]),
          "bytes that die with the list, without its own")
    if not box.python.lockless:  # there the array has a header of its own, and is not found yet
        expect(blobs["bytes_shallow"] >= 2000 * 8, "the list owns its array")
    equal(blobs["name"], "__main__.shelf['blobs']", "the path to the list")
    shared = entries[inside["shared"]]
    equal(shared["bytes_retained"], shared["bytes_shallow"], "a list whose items another one has, too, keeps its own bytes only")


@interpreters()
def test_path_is_the_expression_the_program_writes(box):
    run, inside = recorded(box)
    for operand in (inside["address"], "Needle", "__main__.Needle"):
        result = box.command([box.ouro, "path", run.folder, operand, "--format", "json"]).succeeds()
        path = json.loads(result.out)["path"]
        equal(path["name"], inside["expression"], "the path to the object")
        equal(path["address"], inside["address"], "the object")
        equal(path["path"][0]["type"], "module __main__", "the root")


@interpreters()
def test_dominators_of_real_heaps_are_verified(box):
    run, _ = recorded(box)
    result = box.command([box.ouro, "verify", run.folder]).succeeds()
    expect(result.out.startswith("verified: "), result.out)


@interpreters()
@cases(["type", "module", "site"])
def test_groups_retain_no_more_than_the_heap(box, by):
    run, _ = recorded(box)
    listing = retained(box, run, "--by", by, "--top", "0")
    equal(listing["by"], by, "what is listed")
    expect(listing["entries"], "nothing is listed")
    for entry in listing["entries"]:
        expect(entry["bytes_shallow"] <= listing["bytes"] and entry["bytes_retained"] <= listing["bytes"], entry)


@interpreters()
def test_references_of_an_object_are_those_of_the_program(box):
    run, inside = recorded(box)
    result = box.command([box.ouro, "refs", run.folder, inside["address"], "--format", "json"]).succeeds()
    refs = json.loads(result.out)["refs"]
    holders = sorted((other["type"], other["edge"]) for other in refs["referrers"])
    equal(holders, [("dict", "['needle']"), ("list", "[*]")], "what refers to the object")
    own = [other["type"] for other in refs["referents"] if other["edge"] == ".inside"]
    equal(own, ["tuple"], "what the object's slot refers to")
    tree = box.command([box.ouro, "tree", run.folder, "--depth", "4"]).succeeds().out
    expect("list  __main__.shelf['blobs']" in tree, tree)


def command_json(box, run, command, *operands):
    """What a command prints as JSON, which must be as docs/report.schema.json says."""
    result = box.command([box.ouro, command, run.folder, *operands, "--format", "json"]).succeeds()
    printed = json.loads(result.out)
    with open(os.path.join(ROOT, "docs", "report.schema.json")) as file:
        whole = json.load(file)
    wrong = list(schema.problems(printed, whole["definitions"]["command_" + command], whole))
    expect(not wrong, lambda: "ouro %s does not fit the schema\n  %s" % (command, "\n  ".join(wrong[:20])))
    return printed


@interpreters()
def test_tree_as_json_has_the_sizes_of_retained(box):
    run, inside = recorded(box)
    sizes = {entry["address"]: entry["bytes_retained"] for entry in retained(box, run, "--top", "0")["entries"]}
    tree = command_json(box, run, "tree", "--depth", "6", "--top", "0")["tree"]
    waiting, seen = list(tree["entries"]), {}
    while waiting:
        node = waiting.pop()
        seen[node["address"]] = node["bytes_retained"]
        waiting += node["children"]
        expect(sum(child["bytes_retained"] for child in node["children"]) <= node["bytes_retained"], node["name"])
    equal(seen[inside["blobs"]], sizes[inside["blobs"]], "bytes that the list of blobs retains")
    equal(sum(node["bytes_retained"] for node in tree["entries"]) <= tree["bytes"], True, "the tree is no more than the heap")


@interpreters()
def test_types_are_those_of_the_report_with_what_they_retain(box):
    run, _ = recorded(box)
    types = command_json(box, run, "types")["types"]
    report = {entry["type"]: entry for entry in box.report(run)["heap"]["types"]}
    groups = {entry["name"]: entry["bytes_retained"] for entry in retained(box, run, "--by", "type", "--top", "0")["entries"]}
    equal(sorted(entry["type"] for entry in types["entries"]), sorted(report), "types")
    for entry in types["entries"]:
        name = entry["type"]
        equal((entry["count"], entry["bytes"], entry["tracked"]), tuple(report[name][key] for key in ("count", "bytes", "tracked")), name)
        equal(entry["bytes_retained"], groups.get(name, 0), "what %s retains" % name)
    for sort, key in (("bytes", "bytes"), ("count", "count"), ("retained", "bytes_retained")):
        entries = command_json(box, run, "types", "--sort", sort, "--top", "7")["types"]["entries"]
        equal([entry[key] for entry in entries], sorted((entry[key] for entry in types["entries"]), reverse=True)[:7], "first by " + sort)


@interpreters()
def test_all_paths_of_a_type_are_one_tree_that_counts_each_object_once(box):
    run = box.script(MANY_BOXES).succeeds()
    paths = command_json(box, run, "path", "Item", "--all", "--top", "0")["paths"]
    equal(paths["objects"], 170, "objects of the type")
    ends = {}

    def walk(node, name):
        name += node["edge"]
        equal(node["objects"], node["ends"] + node["more_objects"] + sum(child["objects"] for child in node["children"]), name)
        if node["ends"]:
            ends[name] = node["ends"]
        for child in node["children"]:
            walk(child, name)

    for root in paths["tree"]:
        walk(root, root["type"])
    equal(ends, {"module __main__.items[*]": 100, "module __main__.boxes[*].content[*]": 50, "module __main__.named['left']": 1,
                 "module __main__.named['right'][*]": 19}, "where the paths end")
    text = box.command([box.ouro, "path", run.folder, "Item", "--all"]).succeeds().out
    expect(all(len(line) <= 80 for line in text.splitlines()) and ".content -> list" in text, text)


MANY_BOXES = """
class Item:
    pass

class Box:
    def __init__(self):
        self.content = [Item() for n in range(10)]

items = [Item() for n in range(100)]
boxes = [Box() for n in range(5)]
named = {"left": Item(), "right": tuple(Item() for n in range(19))}
"""


def test_a_misspelled_type_gets_a_suggestion(box):
    run = box.record("-c", "class Needle: pass\nneedle = Needle()", command=[sys.executable]).succeeds()
    for wrong, guess in (("Nedle", "Needle"), ("__main__.Needel", "__main__.Needle"), ("dcit", "dict")):
        result = box.command([box.ouro, "path", run.folder, wrong])
        equal(result.code, 2, "exit code")
        expect("did you mean '%s'?" % guess in result.err, result.err)


LAST = """
import sys

def work():
    rows = [str(number) for number in range(20000)]
    raise ValueError("boom")

try:
    work()
except ValueError as error:  # as the prompt does, and any loop that runs code for somebody
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
"""


@interpreters()
def test_last_exception_keeps_the_locals_of_its_frames(box):
    run = box.script(LAST).succeeds()
    kept = [entry for entry in retained(box, run)["entries"] if entry["name"].endswith(" local rows")]
    equal([entry["name"].split(".")[:2] for entry in kept], [["sys", "last_traceback"]], "who keeps the rows")
    expect(kept[0]["bytes_retained"] > 20000 * 48, "bytes: %d" % kept[0]["bytes_retained"])
