# SPDX-License-Identifier: MIT
"""Arrays of objects: numpy tells nobody what is in them."""

import json

from harness import equal, expect, interpreters

OBJECTS = """\
import numpy
from numpy import array, empty

def strings(name, count):
    return ["%s of the array %d" % (name, n) for n in range(count)]

class Kept(numpy.ndarray):
    pass

flat = array(strings("flat", 1000), dtype=object)
table = array([strings("row %d" % n, 10) for n in range(100)], dtype=object).T
view = array(strings("viewed", 1000), dtype=object)[990:]
subclass = array(strings("of a class", 1000), dtype=object).view(Kept)
alone, nothing, holes = array("a string alone in an array", dtype=object), empty((0, 7), dtype=object), empty(1000, dtype=object)
holes[500] = "the only string %d" % len(strings("", 3))
numbers = numpy.arange(1000)
"""

OWNERS = """
select type, count(*), sum(strings) from
    (select a.type, count(*) as strings from edges r join objects s on s.id = r.target join objects a on a.id = r.source
     where s.type = 'str' and a.type like '%.%' group by a.id having strings = 1000)
group by type
"""

CYCLES = """\
import gc
from numpy import array

class Node:
    def __init__(self, number):
        self.items = array([None, self, "text %d" % number], dtype=object)

def make():
    for number in range(100):
        Node(number)

make()
gc.collect()
"""


# docs/examples.md: fewer days of fewer rows.
FRAMES = """\
import pandas

def day():
    names = ["customer %d" % (number % 50) for number in range(2000)]
    return pandas.DataFrame({"name": names, "spent": range(2000)})

best = []
for _ in range(6):
    best.append(day().sort_values("spent").head(5)COPY)
"""


def numpy(box):
    if box.program("-c", "import numpy").code:
        box.skip("this interpreter has no numpy")


@interpreters()
def test_what_arrays_hold_is_held(box):
    numpy(box)
    run = box.script(OBJECTS).succeeds()
    report = box.report(run)
    equal(report["heap"]["negative_residuals"], 0, "objects with more references than their count")
    held = [(g["type"], g["objects"]) for g in report["cycles"]["held"]["groups"] if g["type"] == "str"]
    equal(held, [], "strings that are said to be held by nothing known")
    # That of the subclass is a view, and so is the one named view: their strings are their bases'.
    found = json.loads(box.command([box.ouro, "query", run.folder, "--format", "json", OWNERS]).succeeds().out)
    equal([tuple(row.values()) for row in found], [("numpy.ndarray", 4, 4000)], "arrays of a thousand strings, and their strings")


@interpreters()
def test_cycle_through_an_array_is_never_collected(box):
    numpy(box)
    report = box.report(box.script(CYCLES).succeeds())
    groups = [g for g in report["cycles"]["groups"] if any(s["type"] == "__main__.Node" for s in g["path"])]
    equal([(g["verdict"], g["count"], g["pattern"]) for g in groups], [("UNCOLLECTABLE", 100, "object-array")], "cycles")
    path = [(s["type"], s["edge"]) for s in groups[0]["path"]]
    equal(path, [("__main__.Node", ".items"), ("numpy.ndarray", "[*]")], "path")
    cut = groups[0]["break"]
    equal((cut["type"], cut["edge"]), ("numpy.ndarray", "[*]"), "the reference to cut")


@interpreters()
def test_rows_of_pandas_keep_the_columns_behind_them(box):
    if box.program("-c", "import pandas").code:
        box.skip("this interpreter has no pandas")
    for copy, strings in (("", 12000), (".copy()", 30)):
        run = box.script(FRAMES.replace("COPY", copy)).succeeds()
        found = json.loads(box.command([box.ouro, "query", run.folder, "--format", "json", """
            select count(*) as strings from objects where type = 'str' and value like 'customer %'
            and id in (select target from edges where source in (select id from objects where type = 'numpy.ndarray'))
            """]).succeeds().out)
        equal(found, [{"strings": strings}], "names that arrays hold, with %r" % copy)
        held = [g["type"] for g in box.report(run)["cycles"]["held"]["groups"]]
        expect("str" not in held, "strings are said to be held by nothing known: %s" % held)
