# SPDX-License-Identifier: MIT
"""The HTML report: one file that fetches nothing, with the figures of the report. tests/viewers opens it in a browser."""

import base64
import hashlib
import os
import stat

from harness import cases, equal, expect, interpreters, supported
from htmlpage import Page
from test_native import ALL
from test_native_growth import GROWER, SCRIPT
from test_native_leaks import LOAD, library
from test_values import section

HOSTILE = """
import gc
gc.set_threshold(0)
Long = type("L" * 10000, (), {})
Evil = type('</script><script>alert(1)</script><!--', (), {})
Turned = type("a\\u202egnp.exe\\u2028", (), {})
KEEP = []
def hold(kind, name):
    a, b = kind(), kind()
    setattr(a, name, b)
    setattr(b, name, a)
for i in range(40):
    hold(Long, "x" * 10000)
    hold(Evil, "</script>&lt;")
    hold(Turned, "\\u2066b\\x00\\ud800")
    KEEP.append("<!--</SCRIPT>" + str(i % 3))
exec(compile("def f():\\n    return [Evil() for _ in range(50)]\\nKEEP.append(f())", '</script><img src=x onerror=alert(1)>.py', "exec"))
"""


def some(python):
    return supported(python) and python.minor in ((3, 8), (3, 11), (3, 15))


def page(box, run, *options, code=0):
    file = box.path("page.html")
    box.command([box.ouro, "export", run.folder, "--format", "html", "-o", file, *options]).succeeds(code)
    text = box.read("page.html")
    return Page(text), text


def add_up(calls, measure, sides=1):
    at = calls["measures"].index(measure)
    return [sum(leaf[3 + 2 * (side * len(calls["measures"]) + at)] for leaf in calls["leaves"]) for side in range(sides)]


@interpreters(some)
def test_html_is_one_private_file_that_fetches_nothing(box):
    shown, text = page(box, box.sample("service.py"))
    equal(shown.references(), [], "what the page would fetch")
    equal(stat.S_IMODE(os.stat(box.path("page.html")).st_mode), 0o600, "mode of the file")
    expect(len(text) < 3 << 20, "the page has %d bytes" % len(text))
    expect(shown.policy.startswith("default-src 'none'; "), "policy: %s" % shown.policy)
    code = [script for script in shown.scripts if script]
    for what, texts in (("script", code), ("style", shown.styles)):
        equal(len(texts), 1, "elements of kind " + what)
        digest = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
        expect("%s-src 'sha256-%s'" % (what, digest) in shown.policy, "the policy does not allow its own " + what)


@interpreters(some)
def test_html_has_the_figures_of_the_report(box):
    run = box.sample("service.py")
    shown, _ = page(box, run)
    wanted, got = box.report(run), shown.data("report")
    for section, keys in {
        "heap": ("objects", "bytes", "edges", "coverage", "types", "snapshots", "timeline"),
        "cycles": ("objects", "bytes", "count", "pending_count"),
        "interning": ("gross_bytes", "net_bytes", "advised_bytes"),
        "churn": ("allocations", "bytes", "short_bytes"),
        "gc": ("pause_total", "freed_bytes"),
        "retained": ("bytes", "entries"),
    }.items():
        for key in keys:
            equal(got[section][key], wanted[section][key], "%s.%s in the page" % (section, key))
    equal([g["signature"] for g in got["cycles"]["groups"]], [g["signature"] for g in wanted["cycles"]["groups"]], "groups")
    calls = shown.data("calls")
    equal(add_up(calls, "live"), [wanted["heap"]["bytes"]], "live bytes of the flame graph")
    equal(add_up(calls, "peak"), [wanted["heap"]["peak"]["bytes"]], "bytes of the flame graph at the peak")
    equal(add_up(calls, "churned"), [wanted["churn"]["short_bytes"]], "churned bytes of the flame graph")
    equal(add_up(calls, "allocated"), [wanted["churn"]["bytes"] + wanted["churn"]["plain_bytes"]], "allocated bytes of the flame graph")
    leaked = sum(g["bytes"] for g in wanted["cycles"]["groups"] if not g["pending"])
    equal(add_up(calls, "leaked"), [leaked], "leaked bytes of the flame graph")


@interpreters(some)
def test_html_has_native_memory_by_mixed_stack(box):
    box.need("cc")
    box.command(["cc", "-g", "-O1", "-fno-optimize-sibling-calls", "-shared", "-fPIC", box.write("grower.c", GROWER), "-o", box.path("grower.so")]).succeeds()
    run = box.script(SCRIPT % (box.path("grower.so"), 1, 4000), options=[*ALL, "--epoch", "64k"]).succeeds()
    shown, _ = page(box, run)
    wanted, got = section(box, run, "native", "native", "--top", "500"), shown.data("report")
    for key in ("count", "bytes", "alive", "alive_bytes", "kinds", "sample", "rss"):
        equal(got["native"][key], wanted[key], "native.%s in the page" % key)
    for there, here in zip(got["native"]["sites"], wanted["sites"]):
        equal({k: v for k, v in there.items() if k != "site"}, {k: v for k, v in here.items() if k != "stack"}, "a stack in the page")
    equal([s["asker"] for s in got["leaks"]["native"]], [s["asker"] for s in box.report(run)["leaks"]["native"]], "native suspects")
    calls = shown.data("calls")
    equal(add_up(calls, "native"), [wanted["alive_bytes"]], "native bytes of the flame graph")
    measure, names = 3 + 2 * calls["measures"].index("native"), {}
    for leaf in calls["leaves"]:
        if leaf[measure] and leaf[1] >= 0:
            function = calls["strings"][calls["frames"][4 * calls["frame"][leaf[0]] + 1]]
            names[function, calls["strings"][leaf[1]]] = names.get((function, calls["strings"][leaf[1]]), 0) + leaf[measure]
    equal((names["leaks", "(malloc)"], names["maps", "(mapping)"]), (4000 * 500, 400 * 8192), "bytes by innermost native function")


@interpreters(some)
@cases(("stacks", "sizes"))
def test_html_has_native_leaks(box, known):
    options = ALL if known == "stacks" else ()
    run = box.record(box.write("load.py", LOAD), library(box), options=options).succeeds()
    shown, _ = page(box, run)
    wanted, got = section(box, run, "native", "native"), shown.data("report")["native"]
    equal(got["unreached"], wanted["unreached"], "what the search found in all")
    equal((got["unreached"]["status"], got["unreached"]["listed"]), ("known", 48), "blocks that leaks.c loses")
    leaks = [{k: v for k, v in leak.items() if k not in ("site", "stack")} for leak in got["leaks"]]
    equal(leaks, [{k: v for k, v in leak.items() if k != "stack"} for leak in wanted["leaks"]], "native leaks in the page")
    equal(sum(leak["blocks"] + leak["below_blocks"] for leak in leaks), 48, "blocks of all leaks")
    equal(sorted(leak["count"] for leak in leaks if leak["cycle"]), [3], "rings in the page")
    equal(all(bool(leak["native_stack"]) for leak in leaks), bool(options), "whether stacks are known")


@interpreters(some)
def test_html_places_lead_to_the_lines_of_the_report(box):
    run = box.sample("service.py")
    shown, _ = page(box, run)
    calls = shown.data("calls")
    index = {number: at for at, number in enumerate(calls["id"])}

    def stack(site):
        at, frames = index[site], []
        while at:
            file, name, line, _ = calls["frames"][4 * calls["frame"][at]:][:4]
            frames.append((calls["strings"][file], line, calls["strings"][name]))
            at = calls["parent"][at]
        return frames

    for got, wanted in zip(shown.data("report")["cycles"]["groups"], box.report(run)["cycles"]["groups"]):
        equal([stack(s["site"]) for s in got["sites"]],
              [[(f["file"], f["line"], f["function"]) for f in s["stack"]] for s in wanted["sites"]],
              "stacks of " + wanted["signature"])


@interpreters(some)
def test_html_treemap_adds_up(box):
    run = box.sample("service.py")
    shown, _ = page(box, run)
    tree = shown.data("tree")
    below = [0] * len(tree["nodes"])
    for parent, _, size, *_ in tree["nodes"][2:]:
        below[parent] += size
    for parent, _, size, _ in tree["rest"]:
        below[parent] += size
    equal(below[0] + tree["dead_bytes"], tree["bytes"], "what hangs from the roots, and what is dead")
    equal(below[1], tree["dead_bytes"], "what is dead")
    for number, node in enumerate(tree["nodes"][2:], 2):
        equal(below[number] + node[3], node[2], "what node %d keeps alive: what is below it and itself" % number)
    wanted = {e["object"]: e["bytes_retained"] for e in box.report(run)["retained"]["entries"]}
    got = {node[4]: node[2] for node in tree["nodes"]}
    equal({number: got.get(number) for number in wanted}, wanted, "what the largest objects keep alive")


@interpreters(some)
def test_html_has_lines_of_source_unless_told_otherwise(box):
    box.write("leaky.py", "import gc\ngc.set_threshold(0)\nclass Node:\n    pass\nfor i in range(300):\n    a = Node()  # a secret\n    a.self = a\n")
    run = box.record(box.path("leaky.py")).succeeds()
    shown, text = page(box, run)
    file, = (f for f in shown.data("source") if f["file"].endswith("leaky.py"))
    equal(file["lines"]["6"], "    a = Node()  # a secret", "the line that made them")
    shown, text = page(box, run, "--no-source")
    expect("a secret" not in text and "ouro-source" not in shown.blocks, "--no-source has lines of source")
    os.utime(box.path("leaky.py"))  # changed since
    shown, text = page(box, run)
    file, = (f for f in shown.data("source") if f["file"].endswith("leaky.py"))
    equal((file["changed"], file["lines"]), (True, {}), "lines of a file that was changed")


@interpreters(some)
def test_html_reads_no_file_that_is_no_module(box):
    box.write("secret.txt", "one\ntwo\nthree\n")
    run = box.script("exec(compile('KEEP = []\\nfor i in range(500): KEEP.append([i])', %r, 'exec'))" % box.path("secret.txt")).succeeds()
    shown, text = page(box, run)
    expect("secret.txt" in text, "the file is not named")
    expect(not any("secret" in file["file"] for file in shown.data("source")), "lines of a file that is no module")


@interpreters(some)
def test_html_bears_hostile_names(box):
    run = box.script(HOSTILE).succeeds()
    shown, text = page(box, run)
    equal(shown.references(), [], "what the page would fetch")
    equal(len([s for s in shown.scripts if s]), 1, "scripts that would run")
    for name in shown.blocks:
        expect("<" not in shown.blocks[name], "a '<' in the data")
        shown.data(name[5:])
    types = {entry["type"] for entry in shown.data("report")["heap"]["types"]}
    expect(any("</script>" in name for name in types), "the type is gone")
    expect(any("L" * 100 in name for name in types), "the long type is gone")
    expect(len(text) < 3 << 20, "the page has %d bytes" % len(text))


@interpreters(some)
def test_html_report_and_export_are_the_same_page(box):
    run = box.sample("tree.py")
    _, text = page(box, run)
    box.command([box.ouro, "report", run.folder, "--html", box.path("other.html")]).succeeds()
    equal(box.read("other.html") == text, True, "ouro report --html writes what ouro export does")
    result = box.command([box.ouro, "report", run.folder, "--html", box.path("no", "such", "folder.html")])
    equal(result.code, 2, "exit code where the file cannot be written")
    expect("no/such/folder.html: cannot be written" in result.err, "message: %s" % result.err)


@interpreters(some)
def test_html_of_a_damaged_run_says_what_is_missing(box):
    run = box.sample("tree.py")
    with open(run.traces[0], "r+b") as file:  # in the middle of some chunk
        file.seek(os.path.getsize(run.traces[0]) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0xff]))
    result = box.command([box.ouro, "report", run.folder, "--html", box.path("page.html")])
    equal(result.code, 3, "exit code")
    expect("damaged" in result.err, "the terminal says: %r" % result.err)
    notices = Page(box.read("page.html")).data("report")["run"]["notices"]
    expect(any(word in notice for notice in notices for word in ("damaged", "lacks")), "the page says: %s" % notices)
    both = box.command([box.ouro, "report", run.folder, "--html", box.path("page.html"), "--format", "json"])
    equal((both.code, both.out), (2, ""), "a page and JSON at once")


@interpreters(some)
def test_html_of_a_run_without_a_snapshot(box):
    run = box.record("-c", "KEEP = [[i] for i in range(20000)]; import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    shown, _ = page(box, run)
    data = shown.data("report")
    equal((data["heap"]["objects"], data["heap"]["coverage"]), (0, None), "heap without a snapshot")
    equal(shown.data("tree"), None, "dominator tree without a snapshot")
    expect(data["run"]["notices"], "nothing is said of the missing snapshot")


@interpreters(some)
def test_html_diff_has_both_runs(box):
    before, after = box.sample("tree_weak.py"), box.sample("tree.py")
    box.command([box.ouro, "diff", before.folder, after.folder, "--html", box.path("diff.html")]).succeeds()
    shown = Page(box.read("diff.html"))
    equal(shown.references(), [], "what the page would fetch")
    expect(any(c["subject"] == "cycles" and c["change"] == "new" for c in shown.data("diff")["changes"]), "the new cycles are not there")
    calls = shown.data("calls")
    equal(add_up(calls, "live", 2), [box.report(run)["heap"]["bytes"] for run in (before, after)], "live bytes of both runs")
    box.command([box.ouro, "baseline", before.folder, "-o", box.path("base.json")]).succeeds()
    box.command([box.ouro, "diff", box.path("base.json"), after.folder, "--html", box.path("diff.html")]).succeeds()
    equal(list(Page(box.read("diff.html")).blocks), ["ouro-diff"], "data of a page that compares with a baseline")


@interpreters(some)
@cases(["--sample=16KiB", "--no-values"])
def test_html_of_runs_recorded_otherwise(box, option):
    shown, _ = page(box, box.sample("tree.py", options=[option]))
    expect(shown.data("calls")["leaves"], "no calls")
