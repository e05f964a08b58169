# SPDX-License-Identifier: MIT
"""Runs a workload and prints, as one line of JSON, the CPU time spent in it and the peak memory."""

import json
import sys
import time


def peak():
    """The kernel's high-water mark of resident memory, bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def measure(work):
    """Calls work(scale); the first argument of the program scales its amount of work."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    cpu = time.process_time()
    kept = work(scale)
    cpu = time.process_time() - cpu
    print(json.dumps({"cpu": cpu, "peak": peak()}))
    return kept
