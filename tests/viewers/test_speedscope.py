# SPDX-License-Identifier: MIT
"""speedscope's own importer takes the file and finds in it what was written."""

import json
import os

from harness import PROGRAMS, equal, expect, interpreters, same_counts, supported

HERE = os.path.dirname(os.path.abspath(__file__))
HOSTILE = os.path.join(PROGRAMS, "hostile_names.py")


@interpreters(lambda python: supported(python) and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)))
def test_speedscope_imports_every_profile_with_its_totals(box):
    package = box.package("speedscope")
    box.need("node")
    for run in (box.sample("tree.py"), box.record(HOSTILE).succeeds(), box.record(HOSTILE, options=["--no-snapshot"]).succeeds()):
        file = box.path("file.speedscope.json")
        box.command([box.ouro, "export", run.folder, "--format", "speedscope", "-o", file]).succeeds()
        with open(file) as source:
            written = json.load(source)
        valid(written, os.path.join(package, "dist", "release", "file-format-schema.json"), box)
        out = box.command(["node", os.path.join(HERE, "speedscope_import.cjs"), package, file]).succeeds().out
        read = json.loads(out)
        equal(read["shown"], 0, "profile that is shown first")
        equal([p["name"] for p in read["profiles"]], [p["name"] for p in written["profiles"]], "profiles")
        for got, wanted in zip(read["profiles"], written["profiles"]):
            equal((got["total"], got["unit"]), (sum(wanted["weights"]), wanted["unit"]), "total of " + got["name"])
            equal(got["total"], wanted["endValue"], "end of " + got["name"])
            own = {}
            for stack, weight in zip(wanted["samples"], wanted["weights"]):
                frame = written["shared"]["frames"][stack[-1]]
                key = frame["name"], frame.get("file", ""), frame.get("line", 0)
                own[key] = own.get(key, 0) + weight
            same_counts({tuple(f[:3]): f[3] for f in got["frames"] if f[3]}, own, "own weight of each frame in " + got["name"])
        if run.folder.endswith("1.ouro"):
            expect("leaked bytes" in [p["name"] for p in read["profiles"]], "no leaked bytes")


def valid(document, schema, box):
    try:
        import jsonschema
    except ImportError:
        box.skip("python3-jsonschema is not installed")
    with open(schema) as file:
        jsonschema.validate(document, json.load(file))
