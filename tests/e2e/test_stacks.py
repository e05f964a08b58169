# SPDX-License-Identifier: MIT
"""The stack of every allocation is exact, whatever happened since the one before."""

import json
import os

from harness import PROGRAMS, expect, interpreters, same_counts, timeout
from test_ledger import shown

STACKS = os.path.join(PROGRAMS, "stacks.py")


@interpreters()
@timeout(180)
def test_a_remembered_stack_is_never_taken_for_another(box):
    run = box.record(STACKS, box.path("noted.json"), env={"OURO_SNAPSHOT": "none"}).succeeds()
    trace = box.traces(run)[0]
    wanted, noted = {}, json.loads(box.read("noted.json"))
    for size, stack, count in noted["noted"]:
        wanted[size, tuple(tuple(noted["frames"][index]) for index in stack)] = count
    expect(sum(wanted.values()) > 10000, "the program does not make its allocations")
    lines = {(size, stack[0]) for size, stack in wanted}
    got = {}
    for row in trace.rows:
        stack = trace.stack(row.site)
        if stack and (row.size, stack[0]) in lines:
            key = row.size, tuple(stack)
            got[key] = got.get(key, 0) + row.births
    same_counts(shown(got), shown(wanted), "allocations by size and stack, innermost frame first")
