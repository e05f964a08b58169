# SPDX-License-Identifier: MIT
"""Runs a program as __main__ and prints what its heap takes then: blocks of the interpreter's allocator, and what
malloc_count.c tells. The statistics of the allocator itself go to stderr. Imports nothing the program does not."""

import os
import sys

with open(sys.argv[1]) as its_file:
    its_code = compile(its_file.read(), sys.argv[1], "exec")
exec(its_code, globals())
its_blocks, its_bytes = sys.getallocatedblocks(), os.getloadavg()[0]
sys._debugmallocstats()
print(its_blocks, int(its_bytes))
