# SPDX-License-Identifier: MIT
"""How long objects live and how they die: exact where everything is recorded, unbiased in a sample."""

import json
import math
import os
import re

import tracefile
from harness import PROGRAMS, SAMPLES, Run, births, equal, expect, interpreters, same_counts, size_of, slow, timeout

UNIT = 256  # of lifetimes, bytes of allocation


def section(box, run, name, *options):
    result = box.command([box.ouro, name, run.folder, "--format", "json", *options]).succeeds()
    return json.loads(result.out)[name]


def export(box, run, what):
    path = box.path("%s.ndjson" % what)
    box.command([box.ouro, "export", run.folder, "--what", what, "-o", path]).succeeds()
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def at_line(sites, line, name="/program.py"):
    return [site for site in sites if site["file"].endswith(name) and site["line"] == line]


# --- one record for each life --------------------------------------------------------------------


@interpreters()
@timeout(180)
def test_lives_are_those_that_the_ledger_counts(box):
    run = box.record(os.path.join(SAMPLES, "service.py"), options=["--lives"]).succeeds()
    lives = export(box, run, "lives")
    trace = box.trace(run)
    ledger, told = {}, {}
    for row in trace.rows:
        for cause, deaths in zip(("refcount", "collector", "shutdown"), row.deaths):
            ledger[row.site, cause] = ledger.get((row.site, cause), 0) + deaths
        ledger[row.site, None] = ledger.get((row.site, None), 0) + row.births - sum(row.deaths)
    for life in lives:
        key = life["site"], life["cause"]
        told[key] = told.get(key, 0) + 1
    same_counts({k: v for k, v in told.items() if v}, {k: v for k, v in ledger.items() if v}, "lives by site and cause of death")
    equal(len(lives), sum(row.births for row in trace.rows), "lives, and births in the ledger")


@interpreters()
def test_no_death_is_missed_while_the_recorder_looks_at_the_interpreter(box):
    """Its own first calls push the program's objects out of caches; which ones depends on their addresses."""
    for number in range(4, 10):
        bare = ["env", "-i", "PATH=/usr/bin:/bin", *("V%d=%s" % (n, "-" * n * number) for n in range(number))]
        folder = box.folder_for_run()
        run = box.command([*bare, box.ouro, "run", "-q", "-o", folder, "--lives", "--", box.python.path, os.path.join(SAMPLES, "tree.py")], kind=Run).succeeds()
        run.folder = folder
        equal(len(export(box, run, "lives")), sum(row.births for row in box.trace(run).rows), "lives, and births of run %d" % number)


@interpreters()
@timeout(180)
def test_lifetimes_by_site_are_those_of_its_lives(box):
    """Types, bytes, causes and percentiles of every site of the report, counted again from the lives."""
    run = box.record(os.path.join(SAMPLES, "tree.py"), options=["--lives"]).succeeds()
    sites = section(box, run, "churn", "--top", "0")["sites"]
    wanted = {}
    # The report merges sites of one chain of places; lives name one of them each.
    chains, chain = {0: ()}, []
    for site in export(box, run, "sites"):
        chains[site["site"]] = ((site["file"], site["line"], site["function"]),) + chains[site["parent"]]
    for life in export(box, run, "lives"):
        if life["object"]:
            wanted.setdefault(chains[life["site"]], []).append(life)
    found = {}
    for site in sites:
        chain = tuple((f["file"], f["line"], f["function"]) for f in site["stack"])
        found.setdefault(chain, []).append(site)
    equal(set(found), set(wanted), "places")
    compared = 0
    for chain, lives in wanted.items():
        here = found[chain]
        equal(sum(site["allocations"] for site in here), len(lives), "lives at %s" % (chain[:1],))
        equal(sum(site["bytes"] for site in here), sum(life["size"] for life in lives), "bytes at %s" % (chain[:1],))
        for cause in ("refcount", "collector", "shutdown"):
            equal(sum(site["deaths"][cause] for site in here), sum(life["cause"] == cause for life in lives), "deaths by %s at %s" % (cause, chain[:1]))
        dead = [life for life in lives if life["cause"]]
        for site in here:
            typed = sum(life["type"] == site["type"] for life in dead)
            equal(site["allocations"] - site["alive"], typed, "deaths of %s at %s" % (site["type"], chain[:1]))
        ages = sorted(life["age"] // UNIT for life in dead if life["age"] is not None)
        if len(here) == 1 and ages:
            for key, percent in (("p50", 50), ("p99", 99)):
                age = ages[-(-len(ages) * percent // 100) - 1]
                equal(here[0]["lifetime"][key], UNIT << age.bit_length(), "%s of %d lives at %s" % (key, len(ages), chain[:1]))
            compared += 1
    expect(compared > 20, "only %d sites have one type" % compared)


@interpreters()
def test_ages_are_what_was_allocated_meanwhile(box):
    run = box.script(AGES, options=["--lives"]).succeeds()
    size = size_of(box, 9001)
    lives = [life for life in export(box, run, "lives") if life["size"] == size and life["cause"] == "refcount"]
    equal(len(lives), 40, "lives of the objects watched")
    for number, life in enumerate(sorted(lives, key=lambda life: life["birth"])):
        # Between birth and death: `number` times 10,000 bytes, and little besides.
        wanted = number * size_of(box, 10000 - 33) + size
        expect(wanted - UNIT <= life["age"] <= wanted + 3000 + 100 * number, "object %d: age %d, wanted %d" % (number, life["age"], wanted))


AGES = """\
def work():
    for number in range(40):
        watched = bytes(9001)
        for _ in range(number):
            bytes(10000 - 33)
        del watched
work()
"""


# --- the reports ---------------------------------------------------------------------------------


@interpreters()
def test_causes_and_types_of_the_dead_are_told(box):
    run = box.script(DEATHS).succeeds()
    churn = section(box, run, "churn", "--top", "0")
    for site in churn["sites"]:
        equal(site["allocations"] - sum(site["deaths"].values()), site["alive"], "alive at %s:%s" % (site["file"], site["line"]))
        expect(sum(b["count"] for b in site["lifetime"]["histogram"]) <= sum(site["deaths"].values()), "more lifetimes than deaths")
    for line, type_name, refcount, collector in DEATHS_WANTED:
        if "free-threaded" in box.python.kinds:
            refcount, collector = refcount + collector, 0  # docs/limits.md: not told apart there
        here = [site for site in at_line(churn["sites"], line) if site["type"] == type_name]
        got = [sum(site["deaths"][cause] for site in here) for cause in ("refcount", "collector")]
        expect(refcount <= got[0] <= refcount + 2 and collector <= got[1] <= collector + 2,
               "line %d, %s: wanted %s deaths by reference count and collector, got %s" % (line, type_name, (refcount, collector), got))
    expect(churn["unknown_types"] < 0.25, "types of %.0f %% of the dead are not known" % (100 * churn["unknown_types"]))
    text = box.command([box.ouro, "churn", run.folder]).succeeds().out
    expect("The type is not\n  known of" in text or "is not known of" in " ".join(text.split()), "the share of unknown types is not printed\n" + text)


DEATHS = """\
import gc
gc.disable()
class Node:
    __slots__ = ("me",)
def cycles():
    for _ in range(3000):
        node = Node()
        node.me = node
def texts(part="part"):
    for number in range(5000):
        part * 30
def kept():
    for _ in range(2000):
        KEPT.append(bytearray(200))
KEPT = []
cycles()
texts()
kept()
del KEPT[:500]
gc.collect()
"""
# line, type, deaths by reference count and by the collector
DEATHS_WANTED = [(7, "__main__.Node", 0, 3000), (11, "str", 5000, 0), (14, "bytearray", 500, 0)]


@interpreters()
def test_churn_ranks_what_is_thrown_away_soonest(box):
    run = box.script(CHURN).succeeds()
    sites = section(box, run, "churn")["sites"]
    first = sites[0]
    equal((os.path.basename(first["file"]), first["line"]), ("program.py", 4), "the line that throws most away")
    equal(first["short_lived"], 30000, "short-lived objects there")
    expect(first["lifetime"]["p99"] <= 2048, "they die within %s bytes" % first["lifetime"]["p99"])
    expect("join" in first["advice"], "advice: %s" % first["advice"])
    later = [site for site in at_line(sites, 8) if site["type"] == "bytearray"]
    expect(all(site["short_lived"] < 100 for site in later), "objects that live long are no churn: %s" % later)
    only = section(box, run, "churn", "--type", "bytearray")["sites"]
    expect(only and all(site["type"] == "bytearray" for site in only), "--type")


CHURN = """\
def join():
    for _ in range(150):
        for n in range(200):
            "x" * (150 + n)
KEPT = []
def keep():
    for _ in range(3000):
        KEPT.append(bytearray(300))
keep()
join()
"""


@interpreters()
def test_the_collectors_work_is_told_by_type_and_line(box):
    if "free-threaded" in box.python.kinds:
        box.skip("without the global lock the collector's deaths are not told apart")
    run = box.script(COLLECTED).succeeds()
    report = box.report(run)
    gc = section(box, run, "gc")
    equal(gc, report["gc"], "the section's own command, and the report")
    types = {entry["type"]: entry["objects"] for entry in gc["by_type"]}
    expect(abs(types.get("__main__.Node", 0) - 4000) <= 5, "nodes freed by the collector: %s" % types)
    lines = [entry for entry in at_line(gc["by_line"], 5) if entry["type"] == "__main__.Node"]
    expect(lines and abs(lines[0]["objects"] - 4000) <= 5, "nodes freed by line: %s" % lines)
    equal(gc["by_line"][0]["line"], 5, "the line that makes the collector work most")
    expect(gc["runs"] >= 3, "runs: %s" % gc["runs"])
    expect(sum(g["collected"] for g in gc["collections"]) >= 4000, "collected: %s" % gc["collections"])
    equal(sum(g["runs"] for g in gc["collections"]), gc["runs"], "runs of all generations")
    text = box.command([box.ouro, "gc", run.folder]).succeeds().out
    expect("THESE LINES MAKE THE COLLECTOR WORK" in text and "program.py:5 make" in text, text)


COLLECTED = """\
import gc
class Node: pass
def make(number):
    for _ in range(number):
        node = Node()
        node.me = node
for _ in range(4):
    make(1000)
    gc.collect()
"""


@interpreters()
def test_the_peak_is_found_with_its_lines(box):
    run = box.script(PEAK, options=["--epoch", "256k"]).succeeds()
    heap = box.report(run)["heap"]
    timeline, peak = heap["timeline"], heap["peak"]
    equal(max(timeline["bytes"]), peak["bytes"], "the highest point")
    equal(timeline["bytes"][timeline["clock"].index(peak["clock"])], peak["bytes"], "bytes at the peak's clock")
    block = size_of(box, 50000)
    site = at_line(peak["sites"], 4)[0]
    expect(390 * block <= site["bytes"] <= 400 * block and site["type"] == "bytes", "bytes of line 4 at the peak: %s" % site)
    equal(peak["sites"][0], site, "the largest line")
    expect(peak["bytes"] < 400 * block + (12 << 20), "the peak has more than the program made: %d" % peak["bytes"])
    whole = box.command([box.ouro, "report", run.folder, "--format", "json", "--top", "0"]).succeeds()
    peak = json.loads(whole.out)["heap"]["peak"]
    parts = sum(site["bytes"] for site in peak["sites"])
    equal(parts, sum(entry["bytes"] for entry in peak["types"]), "bytes of all lines, and of all types")
    equal(parts + peak["resting_bytes"], peak["bytes"], "all lines and what rests in free lists")
    series = [s for s in timeline["sites"] if s["file"].endswith("program.py") and s["line"] == 4][0]
    equal(max(series["bytes"]), site["bytes"], "the line's own highest point")
    expect(series["bytes"][-1] < block, "the line's bytes at the end: %d" % series["bytes"][-1])
    text = box.command([box.ouro, "report", run.folder]).succeeds().out
    expect("LIVE MEMORY OVER TIME" in text and "█" in text, "no sparkline in the report")


PEAK = """\
def work():
    kept = []
    for _ in range(400):
        kept.append(bytes(50000))
    while kept:
        kept.pop()
        bytes(30000)
work()
"""


@interpreters()
def test_info_says_how_exact_a_recording_is(box):
    run = box.script("import sys\nprint(sys.version_info[:2] >= (3, 13))\n").succeeds()
    text = box.command([box.ouro, "info", run.folder]).succeeds().out
    exact = "stacks      exact" in text
    equal(exact or "approximate: recycled" in text, True, text)
    equal(exact, run.out == "True\n", "exact from 3.13 on")
    sampled = box.script("kept = [bytes(1000) for _ in range(3000)]\n", options=["--sample", "16KiB"]).succeeds()
    text = box.command([box.ouro, "info", sampled.folder]).succeeds().out
    expect("sampled: one allocation in 16.0 KiB" in text and re.search(r"~[\d,]+ births", text), text)


@interpreters(lambda python: python.supported and python.minor >= (3, 13) and "free-threaded" not in python.kinds)
def test_loss_of_the_tracer_is_dated(box):
    run = box.script("""\
import time
time.sleep(0.2)
import tracemalloc
tracemalloc.start()
kept = [bytes(1000) for _ in range(5000)]
""").succeeds()
    info = json.loads(box.command([box.ouro, "info", run.folder, "--format", "json"]).succeeds().out)
    since = info["processes"][0]["approximate_from"]
    expect(since is not None and since >= 0.2, "approximate from +%s s" % since)
    text = box.command([box.ouro, "info", run.folder]).succeeds().out
    expect("approximate from +" in text, text)
    equal(box.report(run)["run"]["stacks"], "approximate", "run.stacks")
    text = box.command([box.ouro, "report", run.folder]).succeeds().out
    expect("approximate from +" in " ".join(text.split()), "the report does not say from when on\n" + text[:1500])


@interpreters()
def test_without_a_snapshot_types_are_those_of_the_dead(box):
    run = box.script(DEATHS, options=["--no-snapshot"]).succeeds()
    equal(box.trace(run).snapshots, {}, "snapshots")
    sites = section(box, run, "churn", "--top", "0")["sites"]
    node = [site for site in at_line(sites, 7) if site["type"] == "__main__.Node"]
    equal(node and sum(node[0]["deaths"].values()), 3000, "nodes")


@interpreters()
def test_times_go_on_when_the_wall_clock_is_set(box):
    box.need("cc")
    library = box.path("skew.so")
    box.command(["cc", "-shared", "-fPIC", "-o", library, os.path.join(PROGRAMS, "skew.c"), "-ldl"]).succeeds()
    run = box.script("kept = [bytes(1000) for _ in range(3000)]\n", launcher=False,
                     env={"LD_PRELOAD": "%s %s" % (box.shim, library), "OURO_EPOCH": "65536"}).succeeds()
    times = [epoch[2] / 1e9 for epoch in box.trace(run).epochs]
    expect(len(times) > 20, "epochs: %d" % len(times))
    expect(times == sorted(times) and times[-1] < 60, "times of the epochs while the wall clock runs back: %s" % times)


# --- sampling ------------------------------------------------------------------------------------

SAMPLED = """\
def small():
    for _ in range(40000): bytes(101)
def medium():
    for _ in range(8000): bytes(1501)
def large():
    for _ in range(300): bytes(70001)
def kept():
    return [bytes(301) for _ in range(6000)]
small(); medium(); large(); keep = kept()
"""
MEAN = 16384
# length of the bytes object, how many, how many of them die before the end
SAMPLED_WANTED = [(101, 40000, 40000), (1501, 8000, 8000), (70001, 300, 300), (301, 6000, 0)]


def sampled_figures(box, seed):
    """(length, kind) → the estimate of one run."""
    run = box.script(SAMPLED, options=["--sample", str(MEAN), "--seed", str(seed), "--no-snapshot"]).succeeds()
    trace, figures = box.trace(run), {}
    for length, _, _ in SAMPLED_WANTED:
        size = size_of(box, length)
        rows = [row for row in trace.rows if (trace.place(row.site)[0].endswith("program.py"))]
        fixed = [row for row in rows if row.size == size]
        figures[length, "births"] = sum(row.births for row in fixed) / 1024
        figures[length, "deaths"] = sum(row.deaths[0] for row in fixed) / 1024
        if not fixed:  # Large blocks of all sizes share a row: their bytes tell.
            line = SAMPLED[:SAMPLED.index("bytes(%d)" % length)].count("\n") + 1
            varying = [row for row in rows if row.size == 0 and trace.place(row.site)[1] == line]
            figures[length, "births"] = sum(row.born_bytes for row in varying) / 1024 / size
            figures[length, "deaths"] = sum(row.died_bytes for row in varying) / 1024 / size
    return figures


def compare_with_exact(box, runs):
    """Seeds 1, 2, …: what an estimate is does not depend on chance, so neither does the test."""
    sums = {}
    for seed in range(1, runs + 1):
        for key, figure in sampled_figures(box, seed).items():
            sums[key] = sums.get(key, 0) + figure
    wrong = []
    for length, count, dead in SAMPLED_WANTED:
        p = 1 - math.exp(-size_of(box, length) / MEAN)
        for kind, exact in (("births", count), ("deaths", dead)):
            # A recorded block counts 1/p: variance (1 − p)/p for each block.
            error = math.sqrt(exact * (1 - p) / p / runs)
            mean = sums[length, kind] / runs
            if abs(mean - exact) > 3 * error + 1e-9:
                wrong.append("bytes(%d): %s %.0f on average, exactly %d, standard error %.1f" % (length, kind, mean, exact, error))
    return wrong


@interpreters()
@timeout(240)
def test_a_sample_estimates_without_bias(box):
    equal(compare_with_exact(box, 10), [], "estimates of ten runs")


@interpreters()
@slow
@timeout(900)
def test_a_sample_estimates_without_bias_over_a_hundred_seeds(box):
    equal(compare_with_exact(box, 100), [], "estimates of a hundred runs")


@interpreters()
def test_a_seed_makes_a_sample_that_can_be_had_again(box):
    first, again, other = (sampled_figures(box, seed) for seed in (7, 7, 8))
    same_counts(again, first, "estimates of two runs with one seed")
    expect(other != first, "another seed gives the same sample: %s" % other)


@interpreters()
def test_figures_of_a_sample_are_marked_as_estimates(box):
    run = box.script(SAMPLED, options=["--sample", "16KiB"]).succeeds()
    churn = section(box, run, "churn", "--top", "0")
    equal(churn["estimated"], True, "churn.estimated")
    for site in churn["sites"]:
        equal(site["allocations"] - sum(site["deaths"].values()), site["alive"], "alive at %s:%s" % (site["file"], site["line"]))
    line = [site for site in at_line(churn["sites"], 4) if site["type"] == "bytes"]
    expect(line and 6000 < sum(site["allocations"] for site in line) < 10000, "line 4: %s" % line)
    text = box.command([box.ouro, "churn", run.folder]).succeeds().out
    expect(re.search(r"#\d+ +~[\d,]+ short-lived bytes of ~[\d,]+, ~", text), text)
    equal(box.report(run)["run"]["stacks"], "sampled", "run.stacks")


# --- determinism, processes, threads ----------------------------------------------------------------


@interpreters()
@timeout(180)
def test_two_runs_dump_the_same_but_times_and_addresses(box):
    if "free-threaded" in box.python.kinds:
        box.skip("when memory is given back depends on the time there")
    dumps = []
    for _ in range(2):
        run = box.sample_at_fixed_addresses("tree.py", "-S")
        dumps.append(dumped(box, run))
    if dumps[0] != dumps[1]:
        for number, (one, other) in enumerate(zip(*dumps)):
            equal(other, one, "line %d of the dumps of two runs" % number)
        equal(len(dumps[1]), len(dumps[0]), "lines of the dumps of two runs")


def dumped(box, run):
    """The dump of stream 0 without what names this process or this moment."""
    lines, skip = [], True
    for line in box.command([box.ouro, "dump", run.folder]).succeeds().out.splitlines():
        if line.startswith("@"):
            kind = line.split()[1].rstrip(",")
            skip = "stream 0" not in line or kind in ("PROCESS", "END", "SNAPSHOT_TAKEN")
            line = kind
        if not skip:
            lines.append(re.sub(r"\b(time|pause) \d+ ns", r"\1", line))
    return lines


@interpreters()
@timeout(240)
def test_a_thousand_forks_are_counted_once_each(box):
    run = box.script(FORKS).succeeds()
    equal(run.out, "1000 children\n", "output")
    info = json.loads(box.command([box.ouro, "info", run.folder, "--format", "json"]).succeeds().out)
    parents = [process for process in info["processes"] if not process["parent_trace"]]
    children = [process for process in info["processes"] if process["parent_trace"]]
    equal((len(parents), len(children), info["problems"]), (1, 1000, []), "parents and children, and what cannot be read")
    equal({process["parent_trace"] for process in children}, {parents[0]["trace"]}, "parents of the children")
    equal(len({process["pid"] for process in children}), 1000, "children with a trace of their own")
    equal({(process["ended"], process["exit_status"]) for process in children}, {(True, 0)}, "ends of the children")
    size = size_of(box, 437)
    equal(births(tracefile.Trace(os.path.join(run.folder, parents[0]["trace"])), size), 50, "allocations of the parent")
    for process in children[::50]:
        # A child begins with the 50 blocks that it inherited.
        trace = tracefile.Trace(os.path.join(run.folder, process["trace"]))
        equal(births(trace, size), 57, "allocations of child %d" % process["pid"])
    equal(len(box.report(run)["run"]["processes"]), 1001, "processes of the report")


FORKS = """\
import os
kept = [bytes(437) for _ in range(50)]
for number in range(1000):
    child = os.fork()
    if child == 0:
        more = [bytes(437) for _ in range(7)]
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
print("1000 children")
"""
