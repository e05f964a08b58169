# SPDX-License-Identifier: MIT
"""Chromium opens the HTML report: every view, at once, without a complaint, by keyboard, wide and narrow, dark and light.

Pictures of all views are kept in the build folder, viewers/*.png.
"""

import base64
import json
import os
import re

from browser import Browser
from harness import ROOT, cases, equal, expect, interpreters, timeout
from test_html import HOSTILE
from test_native import ALL
from test_native_growth import GROWER, SCRIPT
from test_native_leaks import LOAD, library

AT_ONCE = 2.0  # seconds until a page can be used
LOOKS = [(1280, "light"), (1280, "dark"), (800, "light"), (800, "dark")]


def own(python):
    return python.supported and python.minor == (3, 11) and "static" in python.kinds


def page_of(box, run, name="page.html"):
    box.command([box.ouro, "export", getattr(run, "folder", run), "--format", "html", "-o", box.path(name)]).succeeds()
    return box.path(name)


def diff_of(box, before, after):
    box.command([box.ouro, "diff", before.folder, after.folder, "--html", box.path("diff.html")]).succeeds()
    return box.path("diff.html")


def views(browser):
    return browser.run("[...document.querySelectorAll('nav[aria-label=Views] a')].map(a => a.getAttribute('href').slice(1))")


def visit(browser, name, look):
    """Clicks through all views."""
    for view in views(browser):
        browser.run("document.querySelector('nav a[href=\"#%s\"]').click()" % view)
        browser.settle()
        expect(browser.run("document.querySelector('main h2, main .tiles') !== null"), "view %s is empty" % view)
        wide = browser.run("document.documentElement.scrollWidth - innerWidth")
        expect(wide <= 0, "view %s is %s px wider than the window of %s px" % (view, wide, look[0]))
        nameless = browser.run("""[...document.querySelectorAll('button, a, input, select, [role=grid], [role=tree], [role=img]')]
            .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label'))).map(e => e.outerHTML.slice(0, 200))""")
        equal(nameless, [], "what has no name for a screen reader in view " + view)
        browser.picture("%s-%s-%s-%d" % (name, view, look[1], look[0]))
    browser.healthy()


def usable(browser, file, width=1280, theme="light"):
    """Opens it; of three times the first that is quick enough counts, the machine may be busy."""
    seconds = min(browser.open(file, width, theme=theme) for _ in range(1))
    for _ in range(2):
        if seconds > AT_ONCE:
            seconds = min(seconds, browser.open(file, width, theme=theme))
    expect(seconds <= AT_ONCE, "the page can be used after %.2f s" % seconds)


@interpreters(own)
@cases(LOOKS)
@timeout(120)
def test_chromium_shows_every_view_of_the_service_sample(box, look):
    file = page_of(box, box.sample("service.py"))
    with Browser(box) as browser:
        usable(browser, file, *look)
        equal(len(views(browser)), 12, "views")
        visit(browser, "service", look)


@interpreters(own)
@cases(LOOKS[:1])
@timeout(180)
def test_chromium_shows_two_million_objects(box, look):
    box.command([os.path.join(box.build, "tests", "make_trace"), "program", "2000000", box.path("large.trace")]).succeeds()
    file = page_of(box, box.path("large.trace"))
    expect(os.path.getsize(file) < 3 << 20, "the page has %d bytes" % os.path.getsize(file))
    with Browser(box) as browser:
        usable(browser, file, *look)
        visit(browser, "large", look)


@interpreters(own)
@cases(LOOKS[:2])
@timeout(120)
def test_chromium_shows_what_grows_tests_and_differences(box, look):
    growth = box.sample("growth/service.py")
    tests = box.record("-m", "unittest", "-q", "tests_that_leak", cwd=write_tests(box))
    with Browser(box) as browser:
        for name, file in (("growth", page_of(box, growth, "growth.html")), ("tests", page_of(box, tests, "tests.html")),
                           ("diff", diff_of(box, box.sample("tree_weak.py"), box.sample("tree.py")))):
            usable(browser, file, *look)
            visit(browser, name, look)


def write_tests(box):
    box.write("tests_that_leak.py", """import unittest
KEPT = []
class Leaks(unittest.TestCase):
    def test_keeps(self):
        KEPT.append([object() for _ in range(100)])
    def test_keeps_too(self):
        KEPT.append([object() for _ in range(100)])
    def test_clean(self):
        self.assertTrue([1])
""")
    return box.folder


@interpreters(own)
@timeout(120)
def test_html_is_operable_by_keyboard(box):
    with Browser(box) as browser:
        browser.open(page_of(box, box.sample("service.py")))
        focus = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
        browser.press("Tab")
        equal(browser.run(focus), "Skip to the view", "what Tab comes to first")
        browser.run("document.querySelector('nav a').focus()")
        browser.press("ArrowDown", "Enter")
        equal(browser.run("location.hash"), "#cycles", "the view that arrow and Enter lead to")
        browser.run("location.hash = '#flame'")
        browser.settle()
        browser.run("document.querySelector('[role=tree]').focus()")
        status = "document.querySelector('.flame .status').textContent"
        everything = browser.run(status)
        browser.press("ArrowDown")
        first = browser.run(status)
        browser.press("ArrowRight")
        expect(len({everything, first, browser.run(status)}) == 3, "arrow keys do not walk in the flame graph")
        browser.press("Enter")
        expect(browser.run("document.querySelectorAll('.box.above').length") > 0, "Enter does not zoom")
        browser.press("Escape")
        equal(browser.run("document.querySelectorAll('.box.above').length"), 0, "boxes above after Escape")
        browser.run("location.hash = '#treemap'")
        browser.settle()
        browser.run("document.querySelector('.treemap').focus()")
        browser.press("ArrowRight", "Enter")
        expect(browser.run("document.querySelectorAll('.crumbs button').length") > 1, "Enter does not go down the dominator tree")
        browser.press("Escape")
        browser.run("location.hash = '#allocations'")
        browser.settle()
        browser.run("document.querySelector('[role=grid]').focus()")
        browser.press("ArrowDown", "ArrowDown", "End")
        expect(browser.run("document.querySelector('[aria-selected=true]') !== null && document.querySelector('.details') !== null"),
               "arrow keys choose no row")
        browser.healthy()


@interpreters(own)
@timeout(120)
def test_html_tables_of_a_hundred_thousand_rows_are_quick(box):
    file = page_of(box, box.sample("service.py"))
    text = box.read("page.html")
    block = re.search(r'(<script type="application/json" id="ouro-report">)(.*?)(</script>)', text, re.S)
    data = json.loads(block.group(2))
    some = data["interning"]["groups"][:10]
    data["interning"]["groups"] = [dict(some[i % 10], net_bytes=i, holder="holder.of_%d" % i, examples=[], holders=[]) for i in range(100000)]
    box.write("page.html", text[:block.start(2)] + json.dumps(data).replace("<", "\\u003c") + text[block.end(2):])
    with Browser(box) as browser:
        usable(browser, file)
        browser.run("location.hash = '#interning'")
        browser.wait("document.querySelector('[role=grid]')", "the table is there")
        equal(browser.run("document.querySelector('[role=grid]').getAttribute('aria-rowcount')"), "100001", "rows")
        expect(browser.run("document.querySelectorAll('[role=row]').length") < 80, "rows that exist")
        seconds = browser.run("""(async () => {
            const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            const start = performance.now();
            document.querySelectorAll('[role=columnheader] button')[5].click();
            await drawn();
            const field = document.querySelector('input[type=search]');
            field.value = 'of_4242';
            field.dispatchEvent(new Event('input', {bubbles: true}));
            await drawn();
            return (performance.now() - start) / 1000;
        })()""")
        expect(seconds < AT_ONCE, "sorting and filtering took %.2f s" % seconds)
        equal(browser.run("document.querySelector('.tools .of').textContent"), "11 of 100,000 rows", "rows that match")
        browser.healthy()


@interpreters(own)
@timeout(120)
def test_html_hostile_names_are_inert_in_a_browser(box):
    file = page_of(box, box.script(HOSTILE).succeeds())
    with Browser(box) as browser:
        usable(browser, file)
        visit(browser, "hostile", LOOKS[0])
        equal(browser.run("document.querySelectorAll('script:not([type])').length"), 1, "scripts")
        equal(browser.run("document.querySelectorAll('img, iframe, object').length"), 0, "elements that a name has made")
        browser.run("location.hash = '#types'")
        browser.settle()
        shown = browser.run("document.body.innerText")
        expect("</script>" in browser.run("[...document.querySelectorAll('[role=gridcell] code')].map(e => e.textContent).join()") or
               "</script>" in shown, "the type with the hostile name is not shown")
        turning = browser.run(r"/[\u202a-\u202e\u2066-\u2069\u2028\u2029]/.test(document.body.innerText)")
        equal(turning, False, "signs that turn the direction of writing are shown as they are")
        browser.healthy()


@interpreters(own)
@timeout(120)
def test_html_prints(box):
    with Browser(box) as browser:
        browser.open(page_of(box, box.sample("service.py")), theme="dark")
        browser.run("location.hash = '#allocations'")
        browser.settle()
        paper = base64.b64decode(browser.call("Page.printToPDF", printBackground=True)["data"])
        expect(paper.startswith(b"%PDF"), "no PDF")
        pages = len(re.findall(rb"/Type\s*/Page\b", paper))
        expect(3 <= pages <= 40, "%d pages of paper" % pages)
        browser.healthy()


@timeout(120)
def test_html_bundle_is_what_its_sources_give(box):
    box.need("node", "npm")
    result = box.command([os.path.join(ROOT, "dev"), "html", "--check"], env={"HOME": os.environ.get("HOME", "")})
    result.succeeds()




@interpreters(own)
@cases(LOOKS)
@timeout(120)
def test_chromium_shows_native_memory(box, look):
    box.need("cc")
    box.command(["cc", "-g", "-O1", "-fno-optimize-sibling-calls", "-shared", "-fPIC", box.write("grower.c", GROWER), "-o", box.path("grower.so")]).succeeds()
    run = box.script(SCRIPT % (box.path("grower.so"), 1, 4000), options=[*ALL, "--epoch", "64k"]).succeeds()
    file = page_of(box, run)
    with Browser(box) as browser:
        usable(browser, file, *look)
        equal(views(browser)[-1], "native", "the last view")
        visit(browser, "native", look)
        browser.run("location.hash = '#flame?measure=native'")
        browser.settle()
        names = browser.run("[...document.querySelectorAll('.box')].map(e => e.textContent)")
        for name in ("serve", "turn", "leaks", "(malloc)", "(mapping)"):
            expect(any(name in shown for shown in names), lambda: "no box of %s among %s" % (name, names[:60]))
        browser.picture("native-flame-native-%s-%d" % (look[1], look[0]))
        browser.run("location.hash = '#leaks'")
        browser.settle()
        expect("leaks in grower: more and more blocks of malloc" in browser.run("document.querySelector('main').textContent"), "no native suspect")
        browser.picture("native-growth-%s-%d" % (look[1], look[0]))
        browser.healthy()


@interpreters(own)
@cases(LOOKS)
@timeout(120)
def test_chromium_shows_native_leaks(box, look):
    run = box.record(box.write("load.py", LOAD), library(box), options=ALL).succeeds()
    with Browser(box) as browser:
        usable(browser, page_of(box, run), *look)
        tile = browser.run("document.querySelector('.tile[href=\"#native\"]').textContent")
        expect(tile.startswith("native leaks") and tile.endswith("48 blocks"), tile)
        kinds = browser.run("[...document.querySelectorAll('.finding .kind')].map(e => e.textContent)")
        equal(kinds.count("native leak"), 4, "findings")
        browser.run("location.hash = '#native?leak=0'")
        browser.settle()
        rows = browser.run("[...document.querySelectorAll('[role=grid][aria-label=\"Native leaks\"] .scroll [role=row]')].map(e => e.textContent)")
        expect(len(rows) == 4 and any("3 cycles of 4 blocks" in row and "leaks.c:" in row for row in rows), lambda: "%s" % rows)
        browser.run("document.querySelector('[aria-label=\"Native leaks\"]').scrollIntoView()")
        browser.settle()
        browser.picture("native-leaks-%s-%d" % (look[1], look[0]))
        browser.healthy()
