# SPDX-License-Identifier: MIT
"""rounds.py FOLDER: runs programs that end with a loop side by side, one turn of each after the other.

So what each of them keeps grows for as long as the process runs, as it would in a program of its own.
Between the turns a lot is made and thrown away.
"""
import ast
import os
import sys
import types


def load(path):
    """The module, and the compiled body of its last loop with the loop's variable."""
    with open(path) as file:
        tree = ast.parse(file.read(), path)
    loop = tree.body.pop()
    name = os.path.basename(path)[:-3].replace("-", "_")
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = path
    exec(compile(tree, path, "exec"), vars(module))
    tree.body = loop.body
    return vars(module), loop.target.id, compile(tree, path, "exec")


def main(folder):
    loops = [load(os.path.join(folder, file)) for file in sorted(os.listdir(folder))]
    for number in range(3000):
        for names, variable, body in loops:
            names[variable] = number
            exec(body, names)
        bytes(100000)
    return loops


LOOPS = main(sys.argv[1])
