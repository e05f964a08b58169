# SPDX-License-Identifier: MIT
"""Graphviz draws the graphs, whatever their nodes are called."""

import os
import xml.etree.ElementTree

from harness import PROGRAMS, equal, expect, interpreters, supported

HOSTILE = os.path.join(PROGRAMS, "hostile_names.py")
SVG = "{http:" + "//www.w3.org/2000/svg}"


def texts(box, *command):
    box.need("dot")
    graph, picture = box.path("graph.dot"), box.path("graph.svg")
    with open(graph, "w") as file:
        file.write(box.command([box.ouro, *command, "--format", "dot"]).succeeds().out)
    drawn = box.command(["dot", "-Tsvg", graph, "-o", picture]).succeeds()
    equal(drawn.err, "", "what Graphviz complains about")
    return ["".join(text.itertext()) for text in xml.etree.ElementTree.parse(picture).iter(SVG + "text")]


@interpreters(lambda python: supported(python) and python.minor in ((3, 8), (3, 11), (3, 15)))
def test_graphviz_draws_every_node_with_its_name(box):
    tree = texts(box, "export", box.sample("tree.py").folder)
    expect("__main__.Node" in tree and ".parent" in tree, lambda: repr(tree))
    hostile = box.record(HOSTILE).succeeds()
    names = texts(box, "cycles", hostile.folder, "--top", "0")
    for name in ("</script><script>alert(1)</script>", 'quoted"\\', "{x}<y>|z"):
        expect("evil.module." + name in names, lambda: "%r is not in %r" % (name, names))
    expect(any(text.startswith("keeps ") for text in texts(box, "export", hostile.folder, "--what", "paths")), "no path")
