# SPDX-License-Identifier: MIT
"""ouro baseline, ouro check and ouro run --check: the gate of a pipeline."""

import json
import os
import re
import xml.etree.ElementTree

import test_units
from comparing import JUNIT, JUNIT_ANT, SARIF, baseline, check, elsewhere, published, qualified
from harness import PROGRAMS, Interpreter, cases, equal, expect, interpreters, slow, timeout

SHOP = os.path.join(PROGRAMS, "shop.py")
REQUESTS = "6000"
FORMATS = ["text", "json", "markdown", "junit", "sarif", "github", "gitlab"]


def own(box):
    """The interpreter that runs the tests: for what does not depend on it."""
    import sys

    box.python = Interpreter("own", "%d.%d.%d" % sys.version_info[:3], sys.executable, "own")
    return box


def shop(box, leak="none", name="shop", requests=REQUESTS):
    return elsewhere(box, SHOP, requests, leak, name=name)


@interpreters()
@cases(["list", "handlers", "cache", "cycle"])
def test_a_leak_of_one_request_in_a_hundred_is_caught(box, leak):
    if leak == "cycle" and box.python.lockless:
        box.skip("without the global lock threads keep counts of their own: which cycles are dead varies")
    agreed = baseline(box, shop(box, name="clean"))
    found = check(box, shop(box, leak, name="leaky"), "--baseline", agreed, code=1)
    lines = [f for f in found["findings"] if f["state"] == "failure"]
    if leak == "cycle":
        equal([(f["rule"], f["function"]) for f in lines], [("new-cycle", qualified(box, "Shop.lose"))], "what fails")
    else:
        orders = [f for f in lines if f["key"] == "__main__.Order"]
        equal([(f["rule"], f["function"]) for f in orders], [("line-growth", qualified(box, "Shop.order"))], "what fails of the orders")
        holder = {"list": "KEPT", "handlers": "HANDLERS", "cache": "price_of"}[leak]
        expect(holder in orders[0]["detail"], "who keeps the orders: %s" % orders[0]["detail"])
    equal({f["file"] for f in lines}, {"shop.py"}, "files that are blamed")


def clean_runs(box, count):
    """How many runs without a leak fail, by any rule at all."""
    agreed = baseline(box, shop(box, name="clean"))
    failed = []
    for n in range(count):
        run = box.record(SHOP, REQUESTS, options=["--check", "--baseline", agreed, "--fail-on", "all", "--quiet", "--force"],
                         folder=box.path("again.ouro"), env={"PYTHONHASHSEED": "random"})
        if run.code:
            failed.append(run.err)
    return failed


@interpreters()
def test_the_service_without_a_leak_passes(box):
    failed = clean_runs(box, 3)
    expect(not failed, lambda: "%d of 3 runs fail\n%s" % (len(failed), failed[0]))


@interpreters()
@slow
@timeout(900)
def test_the_service_without_a_leak_passes_a_hundred_times(box):
    failed = clean_runs(box, 100)
    expect(not failed, lambda: "%d of 100 runs fail\n%s" % (len(failed), failed[0]))


@interpreters()
def test_a_renamed_function_is_told_and_an_edited_file_is_not(box):
    agreed = baseline(box, shop(box, "list", name="before"))
    with open(SHOP) as file:
        text = file.read()
    moved = elsewhere(box, box.write("shop.py", text.replace("KEPT, HANDLERS", "\n\n\nKEPT, HANDLERS")), REQUESTS, "list", name="moved")
    equal(check(box, moved, "--baseline", agreed, code=0)["findings"], [], "findings of lines that moved")
    text = text.replace("def order(", "def make_order(").replace("self.order(number)", "self.make_order(number)")
    renamed = elsewhere(box, box.write("shop.py", text), REQUESTS, "list", name="renamed")
    found = check(box, renamed, "--baseline", agreed, code=1)["findings"]
    orders = [f for f in found if f["key"] == "__main__.Order"]
    equal([(f["function"], f["resembles"]) for f in orders],
          [(qualified(box, "Shop.make_order"), qualified(box, "Shop.order") + " in shop.py, which is gone")],
          "what is said of the renamed function")


def findings(box):
    """A run with failures, a warning and an allowed finding; the arguments of a check of it."""
    own(box)
    agreed = baseline(box, shop(box, name="clean", requests="3000"))
    box.write("ouro.json", json.dumps({
        "fail_on": ["line-growth"], "limits": {"line-growth": {"objects": 20}},
        "allow": [
            {"rule": "line-growth", "key": "__main__.Visit", "file": "shop.py", "reason": "known, <since> \"long\""},
            {"rule": "peak", "reason": "not needed any more"},
            {"key": "*", "reason": "was for the release", "expires": "2020-02-29"}]}))
    return shop(box, "handlers", name="leaky", requests="3000"), "--baseline", agreed, "--config", box.path("ouro.json")


def output(box, arguments, form):
    result = box.command([box.ouro, "check", *arguments, "--format", form])
    equal(result.code, 1, "exit code of check --format %s\n%s" % (form, result))
    return result.out


def test_all_formats_tell_the_same_twice(box):
    arguments = findings(box)
    found = check(box, *arguments, code=1)
    equal((found["allowed"], [a["hits"] > 0 for a in found["allowances"]], [a["expired"] for a in found["allowances"]]),
          (1, [True, False, True], [False, False, True]), "allowances")
    for form in FORMATS:
        first, second = (output(box, arguments, form) for _ in range(2))
        equal(second, first, "bytes of --format %s" % form)
        for word in ("__main__.Order", "line-growth", "shop.py"):
            expect(word in first.replace("\\_", "_"), "--format %s does not say %s\n%s" % (form, word, first))
        to_file = box.command([box.ouro, "check", *arguments, "--format", form, "--output", box.path("out")])
        equal((to_file.code, box.read("out")), (1, first), "--output of --format %s" % form)
        equal(to_file.out, "" if form == "text" else output(box, arguments, "text"), "standard output beside --output")


def test_text_keeps_to_eighty_columns(box):
    arguments = findings(box)
    for line in output(box, arguments, "text").splitlines():
        expect(len(line) <= 80, "a line of %d columns: %s" % (len(line), line))
    result = box.command([box.ouro, "diff", arguments[2], arguments[0]]).succeeds()
    for line in result.out.splitlines():
        expect(len(line) <= 80, "a line of %d columns: %s" % (len(line), line))


def test_sarif_fits_the_published_schema(box):
    try:
        import jsonschema
    except ImportError:
        box.skip("python3-jsonschema is not installed")
    arguments = findings(box)
    with open(published(box, SARIF)) as file:
        schema = json.load(file)
    for more in ((), ("--fail-on", "all")):
        log = json.loads(box.command([box.ouro, "check", *arguments, *more, "--format", "sarif"]).out)
        validator = jsonschema.validators.validator_for(schema)(schema)
        problems = ["%s: %s" % (list(e.path), e.message[:200]) for e in validator.iter_errors(log)]
        expect(not problems, lambda: "\n".join(problems))
    results = log["runs"][0]["results"]
    prints = [r["partialFingerprints"]["ouro/v1"] for r in results]
    equal(len(set(prints)), len(prints), "fingerprints that differ")
    order = [r for r in results if r["message"]["text"].startswith("__main__.Order")][0]
    place = order["locations"][0]["physicalLocation"]
    equal(place["artifactLocation"]["uri"], "shop.py", "file of a result")
    with open(SHOP) as file:
        expect("Order(" in file.read().splitlines()[place["region"]["startLine"] - 1], "the line of a result: %s" % place)
    equal([bool(r.get("suppressions")) for r in results].count(True), 1, "results that are suppressed")


@cases(["jenkins", "ant"])
def test_junit_fits_the_published_schema(box, which):
    box.need("xmllint")
    arguments = findings(box)
    schema = published(box, JUNIT if which == "jenkins" else JUNIT_ANT)
    box.write("out.xml", output(box, arguments, "junit"))
    box.command(["xmllint", "--noout", "--schema", schema, "out.xml"]).succeeds()
    box.write("out.xml", box.command([box.ouro, "check", arguments[0], "--format", "junit"]).succeeds().out)
    box.command(["xmllint", "--noout", "--schema", schema, "out.xml"]).succeeds()


def test_junit_has_a_case_for_each_rule(box):
    suite = xml.etree.ElementTree.fromstring(output(box, findings(box), "junit"))[0]
    cases_found = {case.get("name"): case for case in suite.iter("testcase")}
    equal((suite.get("tests"), suite.get("failures")), (str(len(cases_found)), "1"), "counts of the suite")
    failure = cases_found["line-growth"].find("failure")
    expect("shop.py" in failure.text and "Visit" not in failure.get("message"), "the failure: %s" % failure.text)
    expect("known, <since> \"long\"" in suite.find("system-out").text, "what is allowed: %s" % suite.find("system-out").text)


def test_markdown_is_a_table(box):
    box.need("cmark-gfm")
    page = box.command(["cmark-gfm", "-e", "table"], stdin=output(box, findings(box), "markdown")).succeeds().out
    expect("<h2>Memory check: failed</h2>" in page, page)
    rows = re.findall(r"<tr>.*?</tr>", page, re.S)
    expect(len(rows) > 3 and all(row.count("<td>") + row.count("<th>") == 4 for row in rows), page)
    expect("__main__.Order" in page and "<since>" not in page, page)


def test_annotations_are_one_line_each(box):
    for line in output(box, findings(box), "github").splitlines():
        expect(re.match(r"::(error|warning|notice) (file=[^,:]+,line=\d+,)?title=[a-z-]+::\S", line), "no annotation: %s" % line)


def test_gitlab_findings_have_places_and_fingerprints_of_their_own(box):
    found = json.loads(output(box, findings(box), "gitlab"))
    expect(found and all(f["location"]["path"] and f["location"]["lines"]["begin"] >= 1 for f in found), "places: %s" % found)
    equal(len({f["fingerprint"] for f in found}), len(found), "fingerprints")
    expect({f["severity"] for f in found} <= {"major", "minor", "info"}, "severities")


@interpreters()
def test_a_run_is_checked_when_it_ends(box):
    agreed = baseline(box, shop(box, name="clean", requests="3000"))
    options = ["--check", "--baseline", agreed, "--quiet", "--check-format", "json", "--check-output", box.path("out.json")]
    clean = box.record(SHOP, "3000", options=options).succeeds()
    equal(clean.out, "3000\n", "output of the program")
    expect("passed" in clean.err, clean.err)
    leaky = box.record(SHOP, "30000", "list", options=options)
    equal((leaky.code, leaky.out), (1, "30000\n"), "a leaky run: %s" % leaky)
    expect("FAILURE" in leaky.err and not json.loads(box.read("out.json"))["passed"], leaky.err)


def test_a_program_that_fails_keeps_its_exit_code(box):
    own(box)
    cycle = "import gc, sys; gc.disable()\nclass A: pass\nfor _ in range(9): a = A(); a.me = a\nsys.exit(%d)"
    for code, wanted in ((0, 1), (7, 7)):
        run = box.record("-c", cycle % code, options=["--check", "--quiet"])
        equal(run.code, wanted, "exit code: %s" % run)
        expect("new-cycle" in run.err, "the verdict is not told: %s" % run.err)
    run = box.record("-c", "import os; os.abort()", options=["--check", "--quiet"])
    equal(run.code, 134, "exit code of a program that was aborted: %s" % run)


def test_help_names_every_rule(box):
    box = own(box)
    run = box.script("pass\n").succeeds()
    rules = [rule["rule"] for rule in check(box, run.folder)["rules"]]
    words = re.findall(r"[a-z-]+", box.command([box.ouro, "help", "check"]).succeeds().out.partition("Rules:")[2])
    equal([rule for rule in rules if rule not in words], [], "rules that help does not name")


def test_mistakes_are_known_before_anything_runs(box):
    own(box)
    for options in (["--check", "--baseline", box.path("none.json")], ["--check", "--fail-on", "grwth"], ["--baseline", "x"],
                    ["--check", "--config", box.write("bad.json", "{\"allow\": [}")]):
        run = box.record("-c", "open('ran', 'w')", options=options)
        equal((run.code, run.out, len(run.err.splitlines())), (2, "", 1), "ouro run %s: %s" % (options, run))
        expect(not os.path.exists(box.path("ran")), "the program ran although the gate cannot be used")


def test_no_verdict_without_a_snapshot_or_on_damaged_data(box):
    own(box)
    run = box.record("-c", "[]", options=["--no-snapshot"]).succeeds()
    result = box.command([box.ouro, "check", run.folder])
    equal(result.code, 3, "exit code without a snapshot: %s" % result)
    expect("no verdict" in result.err, result.err)
    equal(box.command([box.ouro, "baseline", run.folder]).code, 3, "exit code of baseline without a snapshot")
    run = shop(box, requests="500")
    trace = os.path.join(run, os.listdir(run)[0])
    with open(trace, "rb") as file:
        data = bytearray(file.read())
    data[len(data) // 2] ^= 255
    with open(trace, "wb") as file:
        file.write(data)
    equal(box.command([box.ouro, "check", run]).code, 3, "exit code on a damaged trace")
    equal(box.command([box.ouro, "diff", run, run]).code, 3, "exit code of diff on a damaged trace")
    equal(box.command([box.ouro, "check", box.path("nowhere")]).code, 2, "exit code without a run")


def test_an_updated_baseline_keeps_what_has_not_changed(box):
    own(box)
    clean = shop(box, name="clean", requests="3000")
    agreed = baseline(box, clean)
    before = box.read("baseline.json").splitlines()
    box.command([box.ouro, "check", shop(box, name="again", requests="3000"), "--baseline", agreed, "--update"]).succeeds()
    equal(box.read("baseline.json").splitlines(), before, "a baseline updated from the same program")
    leaky = shop(box, "list", name="leaky", requests="6000")
    result = box.command([box.ouro, "check", leaky, "--baseline", agreed, "--update"]).succeeds()
    expect("new baseline written" in result.out, result.out)
    expect("__main__.Order" in box.read("baseline.json"), "what is new is not in the baseline")
    check(box, leaky, "--baseline", agreed, code=0)
    fresh = box.path("fresh.json")
    box.command([box.ouro, "check", clean, "--baseline", fresh, "--update"]).succeeds()
    check(box, clean, "--baseline", fresh, code=0)


@interpreters()
def test_cycles_say_what_is_new_since_the_baseline(box):
    program = "import gc; gc.disable()\nclass A: pass\nclass B: pass\nfor _ in range(9):\n for kind in %s: a = kind(); a.me = a\n"
    agreed = baseline(box, box.script(program % "[A]", cwd=box.folder).succeeds().folder)
    run = box.script(program % "[A, B]").succeeds().folder
    result = box.command([box.ouro, "cycles", run, "--baseline", agreed, "--format", "json"]).succeeds()
    groups = {g["path"][0]["type"]: g["new"] for g in json.loads(result.out)["cycles"]["groups"] if not g["pending"]}
    equal((groups.get("__main__.A"), groups.get("__main__.B")), (False, True), "kinds that are new")
    text = box.command([box.ouro, "cycles", run, "--baseline", agreed]).succeeds().out
    equal(len(re.findall(r"NEW\s+since\s+the\s+baseline", text)), list(groups.values()).count(True), "kinds that the text calls new\n" + text)


TESTS = """\
import pytest
KEPT = []
class Thing: pass
@pytest.mark.parametrize("number", range(6))
def test_keeps(number):
    %s(Thing() for _ in range(40))
def test_lets_go():
    assert [Thing() for _ in range(40)]
"""


@interpreters()
def test_tests_that_leak_are_cases_of_their_own(box):
    environment = test_units.pytest_environment(box)
    runs = []
    for name, call in (("before", "list"), ("after", "KEPT.extend")):
        os.mkdir(box.path(name))
        box.write(name + "/test_things.py", TESTS % call)
        runs.append(box.record("-m", "pytest", "-q", "-p", "no:cacheprovider", "--assert=plain", "test_things.py", cwd=box.path(name),
                               env=environment).succeeds().folder)
    agreed = baseline(box, runs[0])
    leaking = ["test_things.py::test_keeps[%d]" % n for n in range(6)]
    found = [f for f in check(box, runs[1], "--baseline", agreed)["findings"] if f["rule"] == "leaking-test"]
    equal(sorted((f["key"], f["state"]) for f in found), [(name, "warning") for name in leaking], "tests that leak")
    expect(all("test_things.KEPT" in f["detail"] and f["file"] == "test_things.py" for f in found), str(found[0]))
    result = box.command([box.ouro, "check", runs[1], "--baseline", agreed, "--fail-on", "leaking-test", "--format", "junit"])
    suite = xml.etree.ElementTree.fromstring(result.out)[1]
    equal(sorted((case.get("name"), case.find("failure") is not None) for case in suite.iter("testcase")),
          [(name, True) for name in leaking] + [("test_things.py::test_lets_go", False)], "cases")
    equal((result.code, suite.get("tests"), suite.get("failures")), (1, "7", "6"), "what the suite says of itself")
    allowed = box.write("ouro.json", json.dumps({"allow": [{"rule": "leaking-test", "key": "*test_keeps*", "reason": "meant to"}]}))
    found = check(box, runs[1], "--baseline", agreed, "--config", allowed)
    equal([f["state"] for f in found["findings"] if f["rule"] == "leaking-test"], ["allowed"] * 6, "findings that are allowed")
