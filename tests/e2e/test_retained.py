# SPDX-License-Identifier: MIT
"""Retained sizes and paths are those the program can calculate itself, on every interpreter."""

import json

from harness import cases, equal, expect, interpreters

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
# Each is one block, and the allocator hands out blocks of this size in steps of 16 bytes.
items = sum((sys.getsizeof(blob) + 15) // 16 * 16 for blob in blobs)
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
    equal(blobs["bytes_retained"] - blobs["bytes_shallow"], inside["items"], "bytes that die with the list, without its own")
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
