# SPDX-License-Identifier: MIT
"""Runs many small programs in one process: python batch.py FOLDER, in the order of their names.

Each is a module of its own, and their modules stay. What they import is imported, and what that leaves
behind collected, before the first of them runs; then the collector is switched off.
"""

import gc
import os
import re
import sys
import types

IMPORT = re.compile(r"^(?:import|from) ([\w.]+)", re.M)


def main(folder):
    programs = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name)) as file:
            programs.append((name[:-len(".py")], file.name, file.read()))
    for _, _, source in programs:
        for module in IMPORT.findall(source):
            __import__(module)
    gc.collect()
    gc.disable()
    for name, path, source in programs:
        module = types.ModuleType(name.replace("-", "_"))
        sys.modules[module.__name__] = module
        exec(compile(source, path, "exec"), module.__dict__)


main(sys.argv[1])
