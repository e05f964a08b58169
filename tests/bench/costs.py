# SPDX-License-Identifier: MIT
"""Costs that are not those of a workload: start-up, processes without a runtime, instructions."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))


def wall(command, environment):
    start = time.perf_counter()
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def startup(contender, plain, python, snapshot, runs=20):
    """Seconds that an empty script takes longer, start to end; with the snapshot, until it is on disk."""
    times = {contender: [], plain: []}
    for _ in range(runs):
        for who in (plain, contender):
            with tempfile.TemporaryDirectory(prefix="ouro-bench-") as folder:
                command, environment = who.start(python, ["-c", "pass"], folder)
                if not snapshot:
                    environment["OURO_SNAPSHOT"] = "none"
                times[who].append(wall(command, environment))
    return statistics.median(times[contender]) - statistics.median(times[plain])


def process_without_runtime(contender, plain, runs=1000):
    """Seconds that /bin/true takes longer, one process."""
    times = {contender: [], plain: []}
    with tempfile.TemporaryDirectory(prefix="ouro-bench-") as folder:
        commands = {who: (["/bin/true"], who.start("python", [], folder)[1]) for who in times}
        for _ in range(runs):
            for who, (command, environment) in commands.items():
                start = time.perf_counter()
                child = os.posix_spawn(command[0], command, environment)
                os.waitpid(child, 0)
                times[who].append(time.perf_counter() - start)
    return statistics.median(times[contender]) - statistics.median(times[plain])


def instructions(contender, python, arguments, scale):
    """Instructions of a whole run, by valgrind; None where that does not work."""
    program, *rest = arguments
    with tempfile.TemporaryDirectory(prefix="ouro-bench-") as folder:
        # A snapshot would be counted in the copy of the process, not here.
        command, environment = contender.start(python, [program, str(scale), *rest], folder)
        environment["OURO_SNAPSHOT"] = "none"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        births = None
        traces = [os.path.join(folder, "run.ouro", name) for name in os.listdir(os.path.join(folder, "run.ouro"))] \
            if os.path.isdir(os.path.join(folder, "run.ouro")) else []
        if len(traces) == 1:
            births = ledger(traces[0])["births"]
    found = re.search(rb"Collected : (\d+)", done.stderr)
    return (int(found.group(1)), births) if found and not done.returncode else (None, None)


def instructions_per_allocation(contender, plain, python, arguments, small=0.004):
    """Instructions that an allocation (with its free) costs more, start-up taken off by difference."""
    if not shutil.which("valgrind"):
        return None
    once = {who: instructions(who, python, arguments, small) for who in (plain, contender)}
    twice = {who: instructions(who, python, arguments, 2 * small) for who in (plain, contender)}
    if None in (once[plain][0], once[contender][1], twice[plain][0], twice[contender][1]):
        return None
    births = twice[contender][1] - once[contender][1]
    extra = (twice[contender][0] - once[contender][0]) - (twice[plain][0] - once[plain][0])
    return extra / births if births > 0 else None


def ledger(path):
    """What a trace cost: births, bytes of the ledger, bytes of snapshots, objects in them."""
    import tracefile

    size, births, own, objects = {False: 0, True: 0}, 0, 0, 0
    with open(path, "rb") as file:
        while True:
            head = file.read(tracefile.HEADER.size)
            if len(head) < tracefile.HEADER.size:
                break
            _, kind, flags, stored, raw, stream, _, _ = tracefile.HEADER.unpack(head)
            size[stream > 0] += stored + len(head)
            if kind not in (tracefile.END, tracefile.SNAPSHOT_END):
                file.seek(stored, os.SEEK_CUR)
                continue
            payload = file.read(stored)
            fields = tracefile._fields(tracefile._decompress(payload, raw) if flags & tracefile.ZSTD else payload)
            if kind == tracefile.END:
                births, own = tracefile._integer(fields, 5, 0), tracefile._integer(fields, 9, 0)
            else:
                objects += tracefile._integer(fields, 2, 0)
    return {"births": births, "ledger": size[False], "snapshots": size[True], "objects": objects, "own": own}
