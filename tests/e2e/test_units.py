# SPDX-License-Identifier: MIT
"""Tests as units of a run: what each test of a suite left behind."""

import json
import os
import re

from harness import PROGRAMS, Box, equal, expect, interpreters, timeout

SUITE = os.path.join(PROGRAMS, "suite.py")
DISTRIBUTION = "/usr/lib/python3/dist-packages"  # where Debian has pytest; any version of Python can use it


def pytest_environment(box, **extra):
    """With which this interpreter can import pytest; skips where it cannot."""
    environment = dict({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, **extra)
    for path in (None, DISTRIBUTION):
        environment["PYTHONPATH"] = path
        if not box.program("-c", "import pytest", env=environment).code:
            return environment
    return box.skip("pytest cannot be imported by %s" % box.python)


def tests(box, run):
    """What `ouro tests` and `ouro report` agree on."""
    got = json.loads(box.command([box.ouro, "tests", run.folder, "--format", "json"]).succeeds().out)["tests"]
    equal(box.report(run)["tests"], got, "tests in the report and alone")
    return got


def short(name):
    return name.rpartition("::")[2]


def outcome(result):
    """The last line of pytest, without the time."""
    return re.sub(r" in [0-9.]+s.*", "", result.out.strip().splitlines()[-1])


def suite(box, **extra):
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--assert=plain", SUITE]
    environment = pytest_environment(box, **extra)
    plain = box.program(*arguments, env=environment).succeeds()
    run = box.record(*arguments, env=environment).succeeds()
    equal(re.sub(r" in [0-9.]+s", "", run.out), re.sub(r" in [0-9.]+s", "", plain.out), "output with us and without")
    return run


VERDICTS = {
    "test_clean": "clean",
    "test_uses_the_database": "clean",
    "test_uses_the_database_again": "clean",
    "test_leaves_cycles": "cycles",
    "test_leaves_an_entry": "leaks",
    "test_warms_a_cache[0]": "warm-up",
    "test_warms_a_cache[1]": "clean",
    "test_warms_a_cache[2]": "clean",
    "test_fills_a_table[0]": "warm-up",
    "test_fills_a_table[1]": "clean",
    "test_fills_a_table[2]": "clean",
    "test_leaks_each_time[0]": "leaks",
    "test_leaks_each_time[1]": "leaks",
    "test_leaks_each_time[2]": "leaks",
    "test_has_a_careless_fixture": "leaks",
    "test_clean_at_the_end": "clean",
}


@interpreters()
def test_each_test_of_a_suite_gets_the_right_judgement(box):
    run = suite(box, SUITE_COLLECTOR="off")
    got = tests(box, run)
    units = {short(unit["name"]): unit for unit in got["units"]}
    equal(list(units), list(VERDICTS), "tests, in the order in which they ran")
    # Whatever else a test's own cycles keep waits for the collector, too, where it is switched off.
    verdicts = {name: unit["verdict"] for name, unit in units.items()}
    equal({n: v for n, v in verdicts.items() if v != VERDICTS[n]}, {}, "verdicts: %s" % json.dumps(got["units"])[:3000])
    equal((got["marks"], got["count"], got["leaks"]), (True, len(VERDICTS), 5), "totals")
    entry = units["test_leaves_an_entry"]["remains"][0]
    equal((entry["type"], entry["objects"], entry["holder"], os.path.basename(entry["file"])),
          ("suite.Plain", 1, "suite.KEPT[0]", "suite.py"), "what is left of an entry")
    nodes = [r for r in units["test_leaves_cycles"]["remains"] if r["type"] == "suite.Node"]
    equal([(r["verdict"], r["objects"]) for r in nodes], [("cycles", 5)], "what is left of cycles")
    expect(units["test_leaves_cycles"]["cycles"] >= 5, "cycles: %s" % units["test_leaves_cycles"])
    for name, unit in units.items():
        expect(unit["duration"] >= 0 and unit["bytes_allocated"] > 0, "times of %s: %s" % (name, unit))
    expect(units["test_warms_a_cache[0]"]["alive"] >= 40, "what is left in the cache: %s" % units["test_warms_a_cache[0]"])
    text = box.command([box.ouro, "tests", run.folder]).succeeds().out
    for part in ("16 tests in ", "5 leak", "::test_leaves_an_entry", "suite.Plain in suite.KEPT[0]"):
        expect(part in text, "%r is not in\n%s" % (part, text))
    expect("::test_clean" not in text, "a clean test is listed:\n" + text)
    everything = box.command([box.ouro, "tests", run.folder, "--all"]).succeeds().out
    expect("::test_clean_at_the_end" in everything, everything)
    wide = [line for line in everything.splitlines() if len(line) > 80 and box.folder not in line and PROGRAMS not in line]
    expect(not wide, "too wide: %s" % wide)


@interpreters(lambda python: python.supported and not python.lockless and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)))
def test_cycles_that_the_collector_freed_meanwhile_are_told_of(box):
    units = {short(unit["name"]): unit for unit in tests(box, suite(box))["units"]}
    cycles = units["test_leaves_cycles"]
    equal(cycles["verdict"], "cycles", "verdict on %s" % cycles)
    nodes = sum(r["objects"] for r in cycles["remains"] if r["type"] == "suite.Node")
    expect(cycles["collected"] + nodes >= 5, "of five cycles: %s" % cycles)
    equal(units["test_clean"]["verdict"], "clean", "verdict on %s" % units["test_clean"])


@interpreters()
def test_tests_are_marked_wherever_the_variable_is_set(box):
    """As pytest does it, on interpreters that have none; and other variables mark nothing."""
    run = box.script(
        "import os\n"
        "for name in 'one', 'two':\n"
        "    for phase in 'setup', 'call', 'teardown':\n"
        "        os.environ['PYTEST_CURRENT_TEST'] = 'a.py::%s (%s)' % (name, phase)\n"
        "        os.environ['PYTEST_CURRENT_TESTS'] = os.environ['PYTEST_CURRENT'] = 'no'\n"
        "        bytes(1000000)\n"
        "    os.environ.pop('PYTEST_CURRENT_TEST')\n").succeeds()
    dump = box.command([box.ouro, "dump", run.folder]).succeeds().out
    marks = re.findall(r'ns: "(test[^"]*)"', dump)
    wanted = [mark for name in ("one", "two")
              for mark in ["test a.py::%s (%s)" % (name, phase) for phase in ("setup", "call", "teardown")] + ["test"]]
    equal(marks, wanted, "marks in the trace")
    units = tests(box, run)["units"]
    equal([unit["name"] for unit in units], ["a.py::one", "a.py::two"], "tests")
    for unit in units:
        expect(3000000 <= unit["bytes_allocated"] < 3100000, "allocated: %s" % unit)


@interpreters()
def test_tests_of_unittest_are_known_by_their_stacks(box):
    run = box.record(os.path.join(PROGRAMS, "cases.py")).succeeds()
    got = tests(box, run)
    equal(got["marks"], False, "marks")
    verdicts = {re.split(r"[.:]", unit["name"])[-1]: unit["verdict"] for unit in got["units"]}
    wanted = {"test_leaves_a_cycle": "cycles", "test_leaves_an_entry": "leaks"}
    equal({name: verdicts.get(name) for name in wanted}, wanted, "verdicts")
    expect(verdicts.get("test_clean", "clean") == "clean", "verdicts: %s" % verdicts)


@interpreters(lambda python: python.supported and python.path.startswith("/usr/bin/"))
@timeout(300)
def test_suite_of_a_real_project_passes_as_without_us(box):
    """That of a package of the distribution, which nobody here wrote."""
    environment = pytest_environment(box)
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "bs4"]
    if box.program("-c", "import bs4.tests", env=environment).code:
        box.skip("bs4 with its tests is not installed")
    plain = box.program(*arguments, env=environment).succeeds()
    run = box.record(*arguments, env=environment).succeeds()
    equal(outcome(run), outcome(plain), "what pytest says with us and without")
    got = tests(box, run)
    # With lxml and html5lib installed none is skipped, and none is said to be.
    ended = sum(int(count) for count in re.findall(r"(\d+) (?:passed|skipped)", outcome(plain)))
    equal(got["count"], ended, "tests in the table, and passed or skipped")
    equal(sum(got[verdict] for verdict in ("leaks", "cycles", "kept", "warm_up", "clean")), got["count"], "verdicts")
    print("bs4: %d tests, %.1f s without, %.1f s with: %.1f times" % (
        got["count"], plain.seconds, run.seconds, run.seconds / plain.seconds))
    expect(run.seconds < 20 * plain.seconds + 5, "%.1f s without us, %.1f s with" % (plain.seconds, run.seconds))


NAMES = r"""
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int main(void)
{
    double best = 1e9;
    for (int turn = 0; turn < 20; turn++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        for (int i = 0; i < 200000; i++)
            unsetenv("A_NAME_THAT_IS_NOT_THERE");
        clock_gettime(CLOCK_MONOTONIC, &b);
        double ns = ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / 200000;
        best = ns < best ? ns : best;
    }
    printf("%f\n", best);
    return 0;
}
"""


def test_other_variables_cost_a_few_nanoseconds_more(box: Box):
    box.need("cc")
    box.write("names.c", NAMES)
    box.command(["cc", "-O2", "-o", "names", "names.c"]).succeeds()
    small = {"env": None}
    plain = min(float(box.command(["env", "-i", "./names"], **small).succeeds().out) for _ in range(3))
    with_us = min(float(box.command(["env", "-i", "LD_PRELOAD=" + box.shim, "OURO_OUT=" + box.path("n.ouro"), "./names"],
                                    **small).succeeds().out) for _ in range(3))
    expect(with_us < plain + 15, "%.1f ns a call, without us %.1f" % (with_us, plain))
