# SPDX-License-Identifier: MIT
"""Sizeable programs that nobody here wrote run unchanged, and their reports hold together.

docs/examples.md explains what the reports of these programs say. Each test is skipped by name where
the distribution's package is not installed.
"""

import os

from harness import cases, equal, expect, interpreters, timeout
from test_values import section

SETTINGS = """\
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "django.contrib.messages"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
ROOT_URLCONF = "site_urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
DJANGO = """\
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
import django
django.setup()
from django.core.management import call_command
from django.contrib.auth.models import User
from django.template import Context, Engine
call_command("migrate", verbosity=0)
for number in range(300):
    User.objects.create(username="user %d" % number, first_name="Kim", last_name="Lee", email="kim@example.org")
template = Engine().from_string("{% for user in users %}<li>{{ user.username }} {{ user.last_name }}</li>{% endfor %}")
print(len(template.render(Context({"users": list(User.objects.order_by("id"))}))), User.objects.count())
"""
MODULE = '''\
"""A module to look at."""
import os, sys
class thing( object ):
    def method(self,x,y = 1):
        """Says nothing."""
        unused = [ i for i in range( 10 ) ]
        if x == None:
            return  {'a':1,"b":2}
        else:
            return x
'''


def unchanged(box, command, prepare=None, code=None, stdin=None):
    """Runs a command plain and recorded, each in a folder of its own; returns the recorded run."""
    results = []
    for folder in ("plain", "recorded"):
        os.mkdir(box.path(folder))
        if prepare:
            prepare(folder)
        surroundings = {"cwd": box.path(folder), "env": {"HOME": box.path(folder)}, "stdin": stdin}
        if folder == "plain":
            results.append(box.command(command, **surroundings))
        else:
            results.append(box.record(command=command, **surroundings))
    plain, run = results
    equal(run.out, plain.out, "stdout of %s" % command[0])
    equal(run.code, plain.code, "exit code of %s\n%s" % (command[0], run))
    if code is not None:
        equal(run.code, code, "exit code of %s\n%s" % (command[0], run))
    expect(run.err.startswith(plain.err), lambda: "stderr of %s was changed\n%s\n%s" % (command[0], plain, run))
    holds_together(box, run)
    return run


def holds_together(box, run):
    """What must be true of any report: sums add up, no reference is counted twice."""
    report = box.report(run)
    heap, cycles = report["heap"], report["cycles"]
    expect(heap["objects"] > 10000, "only %d objects were seen" % heap["objects"])
    equal(heap["negative_residuals"], 0, "negative residuals")
    equal(sum(t["count"] for t in heap["types"]), heap["objects"], "objects of all types")
    equal(sum(t["bytes"] for t in heap["types"]), heap["bytes"], "bytes of all types")
    expect(0.5 < heap["coverage"] <= 1, "coverage: %s" % heap["coverage"])
    expect(cycles["objects"] <= heap["objects"] and cycles["bytes"] <= heap["bytes"], "more in cycles than there is")
    equal(sum(g["bytes"] for g in cycles["groups"]) + cycles["shared_bytes"] + cycles["loose_bytes"], cycles["bytes"],
          "bytes of all groups of cycles, and those shared by several or dying")
    for group in report["interning"]["groups"]:
        expect(group["copies"] >= group["distinct"] > 0, "a group of equal values: %s" % group)
        expect(0 <= group["net_bytes"] <= group["gross_bytes"], "savings of a group: %s" % group)
    expect(run.err.count("\n") > 0, "no summary")


@timeout(240)
def test_mercurial_runs_unchanged(box):
    box.need("hg")

    def prepare(folder):
        for command in (["init"], ["add"], ["commit", "-m", "first", "-u", "kim", "-d", "0 0"]):
            for number in range(200):
                box.write("%s/file%d" % (folder, number), "line\n" * number)
            box.command(["hg", *command], cwd=box.path(folder)).succeeds()
        for number in range(100):
            box.write("%s/file%d" % (folder, number), "line\n" * number + "another\n")

    unchanged(box, ["hg", "diff", "--stat"], prepare, 0)


@timeout(240)
def test_mercurial_log_with_a_template_runs_unchanged(box):
    box.need("hg")

    def prepare(folder):
        box.command(["hg", "init"], cwd=box.path(folder)).succeeds()
        for number in range(12):
            box.write("%s/file" % folder, "line\n" * number)
            box.command(["hg", "commit", "-A", "-m", "change %d" % number, "-u", "kim", "-d", "%d 0" % number],
                        cwd=box.path(folder)).succeeds()

    unchanged(box, ["hg", "log", "-p", "-G"], prepare, 0)


@timeout(240)
def test_pylint_runs_unchanged(box):
    box.need("pylint")
    unchanged(box, ["pylint", "--score=n", "--persistent=n", "thing.py"],
              lambda folder: box.write("%s/thing.py" % folder, MODULE))


@timeout(240)
def test_black_runs_unchanged(box):
    box.need("black")
    unchanged(box, ["black", "--quiet", "-"], code=0, stdin=MODULE)


@timeout(240)
def test_sphinx_runs_unchanged(box):
    box.need("sphinx-build")

    def prepare(folder):
        box.write("%s/conf.py" % folder, "project = 'things'\nextensions = ['sphinx.ext.autodoc']\n")
        box.write("%s/thing.py" % folder, MODULE)
        pages = ["page%d" % number for number in range(20)]
        box.write("%s/index.rst" % folder, "Things\n======\n\n.. toctree::\n\n" + "".join("   %s\n" % p for p in pages))
        for page in pages:
            box.write("%s/%s.rst" % (folder, page), "%s\n======\n\n%s" % (page, "Some *text* with ``code``.\n\n* item\n\n" * 30))

    unchanged(box, ["sphinx-build", "-q", "-b", "html", ".", "out"], prepare, 0)


@timeout(240)
def test_a_django_project_runs_unchanged(box):
    if box.command(["/usr/bin/python3", "-c", "import django"]).code:
        box.skip("python3-django is not installed")

    def prepare(folder):
        box.write("%s/site_settings.py" % folder, SETTINGS)
        box.write("%s/site_urls.py" % folder, "urlpatterns = []\n")
        box.write("%s/site_run.py" % folder, DJANGO)

    unchanged(box, ["/usr/bin/python3", "site_run.py"], prepare, 0)


# A program that is installed: a command that calls its package, which has the work done by another one, if
# it is not the application's, a file of the programmer's.
COMMAND = """
import sys
sys.path.insert(0, %r)
from shop.main import main
main()
"""

SHOP = """
import importlib
import os
from parsing.records import parse
kept = []
def each(number):
    return parse(number)
def main():
    work = importlib.import_module(os.environ["APPLICATION"]).work if "APPLICATION" in os.environ else each
    for number in range(2000):
        kept.append(work(number))
"""

APPLICATION = """
from shop.main import parse
def work(number):
    return parse(number)
"""

PARSING = """
def parse(number):
    return ["in stock, as far as we know, in %d" % (number % 3)]
"""


@interpreters(lambda python: python.supported and python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)))
@cases(["command", "module", "application"])
def test_an_installed_programs_own_package_is_where_its_lines_are(box, how):
    installed = box.path("lib/site-packages")
    for name, file, text in (("shop", "main.py", SHOP), ("parsing", "records.py", PARSING)):
        os.makedirs(os.path.join(installed, name))
        open(os.path.join(installed, name, "__init__.py"), "w").close()
        box.write(os.path.join("lib/site-packages", name, file), text)
    box.write("lib/site-packages/shop/__main__.py", "from shop.main import main\nmain()\n")
    os.mkdir(box.path("bin"))
    application = box.write("application.py", APPLICATION)
    arguments = ["-m", "shop"] if how == "module" else [box.write("bin/shop", COMMAND % installed)]
    paths = {"PYTHONPATH": os.pathsep.join([installed, box.folder])}
    run = box.record(*arguments, env=dict(paths, APPLICATION="application") if how == "application" else paths).succeeds()
    group = section(box, run, "intern", "interning")["groups"][0]
    wanted = (application, 4) if how == "application" else (os.path.join(installed, "shop", "main.py"), 7)
    equal((group["fix_at"]["file"], group["fix_at"]["line"]), wanted, "the line to change")
    text = box.command([box.ouro, "report", run.folder]).succeeds().out
    expect("%s:%d" % (os.path.basename(wanted[0]), wanted[1]) in text, lambda: "not in\n" + text)
