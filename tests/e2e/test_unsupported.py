# SPDX-License-Identifier: MIT
"""Interpreters that ouro does not know run unharmed, and one line says so."""

import os

from harness import cases, equal, expect, interpreters, unsupported

PROGRAM = "import sys; sys.stdout.write('hello\\n'); sys.exit(3)"


@interpreters(unsupported)
@cases([True, False])
def test_unknown_version_is_refused_by_name(box, launcher):
    folder = box.folder_for_run()
    run = box.record("-c", PROGRAM, launcher=launcher, folder=folder)
    equal((run.out, run.code), ("hello\n", 3), "output and exit code")
    lines = [line for line in run.err.splitlines() if "%d.%d" % box.python.minor in line]
    expect(lines and lines[0].startswith("ouro: "), "no line of ours names the version: %r" % run.err)
    # The launcher adds that there is no run to report on.
    equal(len(run.err.splitlines()), 2 if launcher else 1, "lines on stderr: %r" % run.err)
    traces = [n for n in os.listdir(folder) if n.endswith(".trace")] if os.path.isdir(folder) else []
    equal(traces, [], "traces of a refused interpreter")


@interpreters(unsupported)
def test_unknown_version_is_unharmed_in_its_children(box):
    program = "import os, subprocess, sys; child = os.fork()\nif child == 0: os._exit(2)\nprint(os.waitpid(child, 0)[1] >> 8)\n"
    run = box.record("-c", program)
    equal((run.out, run.code), ("2\n", 0), "output and exit code")
