# SPDX-License-Identifier: MIT
"""Every sample, on every interpreter, gives what its first comment says."""

import json
import os

import expectations
import versions
from harness import HERE, SAMPLES, Failed, cases, equal, expect, interpreters, same_counts

SAMPLE_NAMES = expectations.samples()
TAKEN_APART = ["leaks/coroutine_in_its_list.py", "leaks/del_method.py", "leaks/generator_in_its_list.py"]


@interpreters()
@cases(SAMPLE_NAMES)
def test_report_finds_what_the_sample_says_and_the_collector_agrees(box, sample):
    if box.python.lockless and sample == "leaks/module_object.py":
        box.skip("without the global lock the dead module is still there, so its names are attributes")
    run = counted(box, sample)
    report = box.report(run)
    problems, matched = [], []
    for line in expectations.lines_of(sample, box.python.version):
        try:
            matched += expectations.check(line, report)
        except Failed as failure:
            problems.append(str(failure))
    surplus = [
        group for group in report["cycles"]["groups"]
        if group not in matched and any(os.path.join(SAMPLES, sample) == site["file"] for site in group["sites"])]
    if surplus and not problems:
        problems.append("cycles of the sample that it does not speak of:\n" + "\n".join(
            expectations.describe(group) for group in surplus))
    inside = json.loads(box.read("oracle.json"))
    if box.python.lockless:
        # That collector untracks tuples before it looks.
        expect(not problems, lambda: "\n".join(problems))
        return
    if report["cycles"]["tracked"] != inside["found"]:
        problems.append("the collector finds %d objects, the report %d" % (inside["found"], report["cycles"]["tracked"]))
    # With DEBUG_SAVEALL it keeps them all, but for cycles that their own finalizers take apart.
    saved = sum(inside["garbage"].values())
    if saved != inside["found"] and sample not in TAKEN_APART:
        problems.append("the collector finds %d objects, and saves %d" % (inside["found"], saved))
    expect(not problems, lambda: "\n".join(problems))


@interpreters()
@cases(["tree.py", "json_rows.py", "tracebacks.py", "service.py"])
def test_alive_objects_are_those_the_collector_knows(box, sample):
    """Exactly, by type. gc.get_objects() leaves out the permanent generation, so the trace is asked without it."""
    run = counted(box, sample)
    inside = json.loads(box.read("oracle.json"))
    same_counts(box.traces(run)[0].last_snapshot.tracked(), inside["tracked"], "tracked objects by type, in-program and in the trace")
    types = box.report(run)["heap"]["types"]
    equal(sum(entry["tracked"] for entry in types), sum(inside["tracked"].values()) + inside["frozen"],
          "tracked objects, in-program and in the report")


@interpreters()
@cases(["tree.py", "service.py"])
def test_trace_alone_leads_to_the_same_garbage(box, sample):
    """An independent reader and an independent trial deletion, from the bytes of the trace."""
    if box.python.lockless:
        box.skip("without the global lock the collector untracks tuples before it looks")
    run = counted(box, sample)
    wanted = json.loads(box.read("oracle.json"))
    snapshot = box.traces(run)[0].last_snapshot
    expect(snapshot is not None, "the trace has no whole snapshot")
    got = {}
    for index in snapshot.garbage():
        name = snapshot.types[snapshot.columns[1][index]]
        got[name] = got.get(name, 0) + 1
    same_counts(got, wanted["garbage"], "garbage by type, kept by DEBUG_SAVEALL and by trial deletion over the trace")
    same_counts(snapshot.tracked(), wanted["tracked"], "tracked objects by type, in-program count and trace")


@interpreters()
def test_second_run_finds_the_same(box):
    """What a report says is a function of the program, but for times and addresses."""
    cycles, interning, types = [], [], []
    for _ in range(2):
        report = box.report(box.sample_at_fixed_addresses("tracebacks.py"))
        cycles.append([{k: v for k, v in group.items() if k not in ("age", "examples")} for group in report["cycles"]["groups"]])
        for group in cycles[-1]:
            group["reason"], _, _ = group["reason"].partition(", since +")
        interning.append({
            "%s in %s" % (g["type"], g["holder"]): (g["copies"], g["distinct"], g["gross_bytes"])
            for g in report["interning"]["groups"] if g["type"] == "str"})
        types.append({entry["type"]: entry["count"] for entry in report["heap"]["types"]})
    equal(cycles[1], cycles[0], "cycles of two runs of the same program")
    same_counts(interning[1], interning[0], "equal strings by holder (copies, distinct, bytes) of two runs")
    same_counts(types[1], types[0], "objects by type of two runs")


def test_table_of_differences_names_existing_lines(box):
    for sample, first, last, beginning, _, why in versions.DIFFERENCES:
        expect(first <= last and why, "a row of %s has no range or no reason" % sample)
        with open("%s/%s" % (SAMPLES, sample)) as file:
            expect("# ouro: " + beginning in file.read(), "%s has no line that starts with %s" % (sample, beginning))


def counted(box, sample):
    """Records a sample that also counts its own heap into oracle.json, at its last moment."""
    counter = os.path.join(HERE, "oracle", "count.py")
    return box.record("-S", counter, box.path("oracle.json"), os.path.join(SAMPLES, sample)).succeeds()
