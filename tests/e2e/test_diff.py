# SPDX-License-Identifier: MIT
"""ouro diff: what is a difference between two runs, and what is not."""

import os

from comparing import baseline, changes, described, diff, elsewhere, qualified
from harness import PROGRAMS, SAMPLES, cases, equal, expect, interpreters, slow, timeout

SERVICE = os.path.join(SAMPLES, "service.py")
SHOP = os.path.join(PROGRAMS, "shop.py")


@interpreters()
def test_a_run_does_not_differ_from_itself(box):
    run = box.record(SHOP, "1500", "list").succeeds().folder
    found = diff(box, run, run)
    equal((found["changes"], found["moved_lines"]), ([], 0), "differences of a run from itself")


@interpreters()
@cases(["service", "shop"])
def test_a_repetition_does_not_differ(box, program):
    """Another process number, folder, hash seed, order of requests, timing of threads."""
    if program == "shop" and box.python.version == (3, 13, 0):
        box.skip("3.13.0 does not tell deaths of recycled objects: which line has a tuple varies with the threads")
    program, arguments = (SERVICE, ()) if program == "service" else (SHOP, ("1500", "handlers"))
    runs = [elsewhere(box, program, *arguments, name="copy%d" % n) for n in range(2)]
    found = diff(box, *runs)
    expect(not found["changes"], lambda: "two runs of the same program differ:\n" + described(found))


def edited(box, change, name):
    """A run of the service sample with its source changed."""
    with open(SERVICE) as file:
        text = change(file.read())
    return elsewhere(box, box.write("service.py", text), name=name)


def replaced(text, *pairs):
    for old, new in pairs:
        expect(old in text, "the sample has no %r" % old)
        text = text.replace(old, new)
    return text


def reordered(text):
    parts = [text.index(word) for word in ("class NotFound", "class Session", "class Request", "class Service:")]
    head, first, second, third, rest = (text[a:b] for a, b in zip([0, *parts], [*parts, len(text)]))
    return head + third + second + first + rest


@interpreters()
def test_edits_that_only_move_lines_are_no_difference(box):
    before = elsewhere(box, SERVICE, name="before")

    def change(text):
        text = replaced(text, ("import gc\n", "import gc\n# a comment\nNAMES = ['a', 'b']\n\n"),
                        ("        kind, _, number =", "        # split\n        assert request\n\n        kind, _, number ="),
                        ("        lines = text.splitlines()", "        text = text or ''\n        lines = text.splitlines()"))
        return reordered(text)

    found = diff(box, before, edited(box, change, "after"))
    expect(not found["changes"], lambda: "lines that moved are told as differences:\n" + described(found))
    expect(found["moved_lines"] >= 5, "lines that moved: %d" % found["moved_lines"])


@interpreters()
def test_a_line_that_moved_and_grew_tells_both(box):
    before = elsewhere(box, SERVICE, name="before")
    after = edited(box, lambda text: "\n\n\n" + replaced(text, ("requests(600)", "requests(1200)")), "after")
    found = [c for c in changes(diff(box, before, after), "alive") if c["key"] == "__main__.Request"]
    equal(len(found), 1, "changes of requests alive")
    equal((found[0]["change"], found[0]["before"]["count"], found[0]["after"]["count"]), ("grown", [600, 600], [1200, 1200]),
          "how requests grew")
    equal(found[0]["line"] - found[0]["moved_from"], 3, "lines moved by")
    expect("log" in found[0]["detail"], "who keeps them: %s" % found[0]["detail"])
    text = box.command([box.ouro, "diff", before, after]).succeeds().out
    expect("(moved from line %d)" % found[0]["moved_from"] in text, "the text does not say where the line was\n" + text)


@interpreters()
def test_a_renamed_function_says_what_it_resembles(box):
    before = elsewhere(box, SERVICE, name="before")
    after = edited(box, lambda text: replaced(text, ("def parse", "def from_text"), ("Request.parse", "Request.from_text")), "after")
    found = changes(diff(box, before, after), "alive")
    fresh = [c for c in found if c["change"] == "new"]
    equal({c["function"] for c in fresh}, {qualified(box, "Request.from_text")}, "functions that are new")
    old = qualified(box, "Request.parse")
    equal({c["resembles"] for c in fresh}, {old + " in service.py, which is gone"}, "what they resemble")
    equal({c["function"] for c in found if c["change"] == "gone"}, {old}, "functions that are gone")


@interpreters()
def test_cycles_of_a_renamed_class_resemble_the_old_ones(box):
    if box.python.lockless:
        box.skip("without the global lock threads keep counts of their own: which cycles are dead varies")
    before = elsewhere(box, SERVICE, name="before")
    after = edited(box, lambda text: replaced(text, ("Session", "Visit")), "after")
    found = changes(diff(box, before, after), "cycles")
    equal([c["change"] for c in found], ["new", "gone"], "kinds of cycles")
    expect(found[1]["key"] in found[0]["resembles"], "what the new one resembles: %s" % found[0]["resembles"])


def test_what_differs_between_repetitions_is_noise(box):
    """More than two runs: only what lies outside of the spread counts."""
    import sys

    from harness import Interpreter

    box.python = Interpreter("own", "%d.%d.%d" % sys.version_info[:3], sys.executable, "own")
    program = box.write("program.py", "import sys\nKEPT = [str(n) * 20 for n in range(int(sys.argv[1]))]\n")
    runs = {n: elsewhere(box, program, str(n), name="n%d" % n) for n in (1000, 1400, 1200, 1300, 3000, 3100)}
    expect(changes(diff(box, runs[1000], runs[1400]), "alive"), "400 of 1,000 objects more are no difference")
    found = diff(box, runs[1000], runs[1400], "--", runs[1200], runs[1300])
    expect(not found["changes"], lambda: "within the spread, and yet told:\n" + described(found))
    found = diff(box, runs[1000], runs[1400], "--", runs[3000], runs[3100])
    grown = [c for c in changes(found, "alive") if c["key"] == "str"]
    equal([(c["before"]["count"], c["after"]["count"]) for c in grown], [([1000, 1400], [3000, 3100])], "ranges of strings alive")
    found = diff(box, baseline(box, runs[1000], runs[1400]), "--", runs[1200])
    expect(not found["changes"], lambda: "a baseline has no spread:\n" + described(found))


def test_wrong_numbers_of_runs_are_refused(box):
    for arguments in (["a"], ["a", "b", "c"], ["a", "--"], ["--", "a", "b"]):
        result = box.command([box.ouro, "diff", *arguments])
        equal((result.code, result.out, len(result.err.splitlines())), (2, "", 1), "ouro diff %s: %s" % (arguments, result))


@slow
@timeout(180)
def test_two_heaps_of_two_million_objects_take_less_than_six_seconds(box):
    maker = os.path.join(box.build, "tests", "make_trace")
    for seed in ("1", "2"):
        box.command([maker, "program", "2000000", box.path(seed + ".trace"), seed]).succeeds()
    result = box.command(["bash", "-c", "time %s diff 1.trace 2.trace" % box.ouro]).succeeds()
    seconds = sum(int(m) * 60 + float(s) for m, s in
                  (line.split("\t")[1].rstrip("s").split("m") for line in result.err.splitlines() if line[:4] in ("user", "sys\t")))
    expect(seconds <= 6, "CPU time of ouro diff: %.1f s" % seconds)
