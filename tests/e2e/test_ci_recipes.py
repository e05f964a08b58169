# SPDX-License-Identifier: MIT
"""What docs/ci.md says to put into a pipeline works as it stands there."""

import json
import os
import re
import shlex

from harness import PROGRAMS, ROOT, Interpreter, equal, expect

SHOP = os.path.join(PROGRAMS, "shop.py")


def recipe(name):
    with open(os.path.join(ROOT, "docs", "ci.md")) as file:
        found = re.findall(r"<!-- recipe: %s -->\n```\w+\n(.*?)```" % name, file.read(), re.S)
    equal(len(found), 1, "recipes called " + name)
    return found[0]


def own(box):
    import sys

    box.python = Interpreter("own", "%d.%d.%d" % sys.version_info[:3], sys.executable, "own")
    return {"PATH": box.build + os.pathsep + os.environ["PATH"], "PYTHONHASHSEED": "random"}


def test_the_shell_recipe_lets_clean_runs_pass_and_leaks_fail(box):
    environment = own(box)
    script = box.write("memory-check.sh", recipe("shell"))

    def perform(*arguments):
        return box.command(["sh", script, *arguments], env=environment)

    first = perform(box.python.path, SHOP, "6000").succeeds()
    expect("commit it" in first.err and os.path.exists(box.path("memory-baseline.json")), "no baseline was written: %s" % first)
    second = perform(box.python.path, SHOP, "6000").succeeds()
    expect("passed" in second.out and "<testsuite" in box.read("memory-junit.xml"), str(second))
    leaky = perform(box.python.path, SHOP, "6000", "list")
    equal(leaky.code, 1, "exit code of a leaky run: %s" % leaky)
    expect("__main__.Order" in leaky.out and "KEPT" in leaky.out, leaky.out)
    equal(perform(box.python.path, "-c", "import sys; sys.exit(9)").code, 9, "exit code of a program that fails")


def documents(box, name):
    try:
        import yaml
    except ImportError:
        box.skip("python3-yaml is not installed")
    return yaml.safe_load(recipe(name))


def commands_work(box, commands):
    """Runs those commands of a recipe that are ouro's, on the shop instead of a test suite; gives their exit codes."""
    environment = dict(own(box), GITHUB_STEP_SUMMARY=box.path("summary.md"))
    box.write("ouro.json", recipe("config"))
    if not os.path.exists(box.path("memory-baseline.json")):
        box.command(["sh", "-c", "ouro run -q -o first.ouro -- %s %s 6000 && ouro baseline first.ouro -o memory-baseline.json" % (
            shlex.quote(box.python.path), SHOP)], env=environment).succeeds()
    codes = []
    for command in commands:
        if "ouro" not in command.split()[0]:
            continue
        command = command.replace("python3 -m pytest", "%s %s 30000 list" % (shlex.quote(box.python.path), SHOP))
        codes.append(box.command(["sh", "-c", command], env=environment).code)
    return codes


def test_the_github_workflow_is_yaml_whose_commands_work(box):
    workflow = documents(box, "github")
    expect(True in workflow or "on" in workflow, "the workflow has no trigger")  # YAML 1.1 reads "on" as true
    steps = workflow["jobs"]["memory"]["steps"]
    expect(all(("uses" in step) != ("run" in step) for step in steps), "a step has both or none of uses and run")
    # Recording works, the check fails for the leak, the annotations fail likewise, the summary never does.
    equal(commands_work(box, [step["run"] for step in steps if "run" in step]), [0, 1, 1, 0], "exit codes of its commands")
    equal(json.loads(box.read("memory.sarif"))["version"], "2.1.0", "version of the SARIF file it uploads")
    expect("Memory check: failed" in box.read("summary.md"), "the summary: %s" % box.read("summary.md"))


def test_the_gitlab_job_is_yaml_whose_commands_work(box):
    job = documents(box, "gitlab")["memory"]
    equal(commands_work(box, job["script"] + job["after_script"]), [0, 1, 0], "exit codes of its commands")
    reports = job["artifacts"]["reports"]
    expect(json.loads(box.read(reports["codequality"])), "the code quality report is empty")
    expect("<failure" in box.read(reports["junit"]), "the JUnit report has no failure")


def test_every_rule_is_described(box):
    own(box)
    run = box.record("-c", "pass").succeeds()
    rules = json.loads(box.command([box.ouro, "check", run.folder, "--format", "json"]).succeeds().out)["rules"]
    with open(os.path.join(ROOT, "docs", "ci.md")) as file:
        rows = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| (fails|warns) \|$", file.read(), re.M))
    equal(rows, {rule["rule"]: {"failure": "fails", "warning": "warns"}[rule["level"]] for rule in rules}, "rules in docs/ci.md")
