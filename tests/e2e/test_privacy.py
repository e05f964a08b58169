# SPDX-License-Identifier: MIT
"""Who may read what was recorded, and who may ask for it. Two users need root: skipped without."""

import ast
import os
import shutil
import stat
import subprocess
import time

from harness import Run, cases, equal, expect, interpreters

NOBODY, OTHER = 65534, 65533
PROGRAM = "import os; print(sorted(os.readlink('/proc/self/fd/' + n) for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n)))"


def distribution(python):
    """The distribution's own, which every user can start."""
    return python.supported and python.path.startswith("/usr/bin/")


def as_user(user, *command):
    return ["setpriv", "--reuid=%d" % user, "--regid=%d" % user, "--clear-groups", *command]


def two_users(box):
    """Needs root. The copy of ouro that another user can start, and a folder that all may write, as /tmp is."""
    box.need("setpriv")
    if os.geteuid() != 0:
        box.skip("only root can act as two users")
    os.chmod(box.folder, 0o755)
    for name in ("ouro", "libouro.so"):
        shutil.copy(os.path.join(box.build, name), box.path(name))
    shared = box.path("shared")
    os.mkdir(shared)
    os.chmod(shared, 0o1777)
    if box.command(as_user(NOBODY, box.path("ouro"), "--version")).code:
        box.skip("another user cannot start programs in %s" % box.folder)
    if box.command(as_user(NOBODY, box.python.path, "-c", "pass")).code:
        box.skip("another user cannot start this Python")
    return box.path("ouro"), shared


def mode(path):
    return oct(stat.S_IMODE(os.lstat(path).st_mode))


@interpreters(distribution)
@cases(["000", "022", "077", "777"])
def test_modes_do_not_depend_on_the_umask(box, umask):
    # Restricted to what others get: root may read and write whatever the mode says.
    launched, alone = box.path("launched.ouro"), box.path("alone.ouro")
    shell = ["sh", "-c", 'umask "$0"; exec "$@"', umask]
    box.command([*shell, box.ouro, "run", "-q", "-o", launched, "--", box.python.path, "-c", "pass"]).succeeds()
    box.command([*shell, box.python.path, "-c", "pass"], env=box.preload(alone), settle=True).succeeds()
    box.command([*shell, box.ouro, "export", "--what", "sites", "-o", box.path("sites.json"), launched]).succeeds()
    for folder in (launched, alone):
        equal(mode(folder), "0o700", "mode of %s" % folder)
        equal({mode(os.path.join(folder, name)) for name in os.listdir(folder)}, {"0o600"}, "modes of traces")
    expect(not os.stat(box.path("sites.json")).st_mode & 0o077, "others may do nothing with an export")


@interpreters(distribution)
def test_a_link_of_somebody_else_is_not_followed(box):
    ouro, shared = two_users(box)
    trap = box.path("trap")
    os.mkdir(trap)
    link = os.path.join(shared, "app.ouro")
    os.symlink(trap, link)
    os.lchown(link, OTHER, OTHER)
    launched = box.command([ouro, "run", "-q", "-o", link, "--", box.python.path, "-c", "print(1)"])
    equal((launched.code, launched.out), (2, ""), "ouro run into a link of another user\n%s" % launched)
    expect("symbolic link of another user" in launched.err, "the reason: %r" % launched.err)
    alone = box.command([box.python.path, "-c", "print(1)"], env=dict(box.preload(link), LD_PRELOAD=box.path("libouro.so")))
    equal((alone.code, alone.out), (0, "1\n"), "the program is not disturbed\n%s" % alone)
    expect("symbolic link of another user" in alone.err, "the reason: %r" % alone.err)
    equal(os.listdir(trap), [], "what was written where the link leads")

    run = box.record("-c", "pass").succeeds()
    target, file = box.write("target", "precious"), os.path.join(shared, "out.json")
    os.symlink(target, file)
    os.lchown(file, OTHER, OTHER)
    for command in (["export", "--what", "sites"], ["baseline"], ["check", "--format", "json"]):
        done = box.command([ouro, *command, "-o", file, run.folder])
        equal(done.code, 2, "exit code of ouro %s into a link of another user\n%s" % (command[0], done))
        equal(box.read("target"), "precious", "what the link leads to, after ouro %s" % command[0])


@interpreters(distribution)
def test_links_of_ones_own_are_followed(box):
    os.mkdir(box.path("big-disk"))
    os.symlink(box.path("big-disk"), box.path("app.ouro"))
    run = box.record("-c", "pass", folder=box.path("app.ouro")).succeeds()
    expect(run.traces, "the run is where the link leads")
    os.symlink(box.path("sites"), box.path("link"))
    box.command([box.ouro, "export", "--what", "sites", "-o", box.path("link"), run.folder]).succeeds()
    expect(os.path.getsize(box.path("sites")) > 0 and os.path.islink(box.path("link")), "the export, too")
    done = box.command([box.ouro, "export", "--what", "sites", "-o", "/dev/stdout", run.folder]).succeeds()
    expect(done.out.startswith("{"), "what goes to /dev/stdout")


@interpreters(distribution)
def test_a_program_that_gains_privileges_is_not_recorded(box):
    ouro, shared = two_users(box)
    python = box.path("python3-setuid")
    shutil.copy(os.path.realpath(box.python.path), python)
    os.chown(python, OTHER, OTHER)
    os.chmod(python, 0o4755)
    folder = os.path.join(shared, "run.ouro")
    show = "import os; print(os.getuid(), os.geteuid())"
    done = box.command(as_user(NOBODY, ouro, "run", "-o", folder, "--", python, "-I", "-S", "-c", show))
    if "%d %d" % (NOBODY, OTHER) not in done.out:
        box.skip("this file system gives no privileges")
    expect("gains privileges" in done.err, "ouro run says why nothing is recorded: %r" % done.err)
    expect(not os.path.exists(folder) or not os.listdir(folder), "nothing was recorded")


@interpreters(distribution)
def test_snapshots_are_for_the_same_user(box):
    ouro, shared = two_users(box)
    folder = os.path.join(shared, "app.ouro")
    environment = box.environment(dict(box.preload(folder), LD_PRELOAD=box.path("libouro.so")))
    ready = os.path.join(shared, "ready")
    code = "import sys, time; open(sys.argv[1], 'w').close()\nwhile True: x = [0] * 99; time.sleep(0.01)"
    program = subprocess.Popen(as_user(NOBODY, box.python.path, "-c", code, ready), env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not os.path.exists(ready) and program.poll() is None and time.monotonic() < box.deadline:
            time.sleep(0.02)
        foreign = box.command(as_user(OTHER, ouro, "snapshot", str(program.pid)))
        equal(foreign.code, 2, "exit code for another user\n%s" % foreign)
        expect("another user" in foreign.err, "the reason: %r" % foreign.err)
        box.command(as_user(NOBODY, ouro, "snapshot", str(program.pid))).succeeds()
    finally:
        program.kill()
        program.wait()
    reading = box.command(as_user(OTHER, ouro, "info", folder))
    equal(reading.code, 2, "another user reads the run\n%s" % reading)


@interpreters()
def test_nothing_listens(box):
    def sockets(run):
        expect(run.code == 0 and run.out.startswith("["), "the program ran\n%s" % run)
        return [name for name in ast.literal_eval(run.out) if name.startswith("socket:")]
    run = box.record("-c", PROGRAM, options=["--snapshot-every", "0.01"])
    equal(sockets(run), [], "sockets of a recorded program")
    alone = box.command([box.python.path, "-c", PROGRAM], env=box.preload(box.folder_for_run()), kind=Run, settle=True)
    equal(sockets(alone), [], "sockets of a program recorded without the launcher")
