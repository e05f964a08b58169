# SPDX-License-Identifier: MIT
"""docs/tutorial.md: every file is written and every command run in its order, and prints what stands there."""

import os
import re

from harness import ROOT, expect, interpreters

BLOCK = re.compile(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)```", re.S)
VARYING = re.compile(r"…|\d[\d,.]*")


def commands(block):
    """[(command, lines that it prints)]"""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def pattern(lines):
    """What the lines may look like: "…" stands for anything within a line, alone for any lines; numbers vary."""
    parts = []
    for line in lines:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
            continue
        fixed = VARYING.split(line)
        wild = [r".*" if mark == "…" else r"[\d,.]+" for mark in VARYING.findall(line)] + [""]
        # How numbers and units are aligned depends on how long they are.
        words = "".join(re.sub(r"(\\ )+", r" +", re.escape(text)) + mark for text, mark in zip(fixed, wild))
        parts.append(words.replace("MiB", "[KM]iB") + r" *\n")
    return re.compile("".join(parts))


@interpreters(lambda python: python.minor in ((3, 8), (3, 11), (3, 13), (3, 15)))
def test_every_step_of_the_tutorial_works(box):
    os.mkdir(box.path("bin"))
    os.symlink(box.python.path, box.path("bin", "python3"))
    path = os.pathsep.join([box.path("bin"), box.build, os.environ["PATH"]])
    with open(os.path.join(ROOT, "docs", "tutorial.md")) as file:
        blocks = BLOCK.findall(file.read())
    steps = 0
    for name, kind, text in blocks:
        if name:
            box.write(name, text)
        elif kind == "console":
            for command, lines in commands(text):
                done = box.command(["sh", "-c", command + " 2>&1"], env={"PATH": path}).succeeds()
                expect(pattern(lines).fullmatch(done.out), "the tutorial shows something else\n  %s\n%s" % ("\n  ".join(lines), done))
                steps += 1
    expect(steps >= 7, "only %d commands were found" % steps)
