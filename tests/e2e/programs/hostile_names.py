# SPDX-License-Identifier: MIT
"""Files, functions and classes that are called what no viewer expects; cycles and recursion of them."""

import gc

gc.disable()

NAMES = [
    '=cmd|"/c calc"!A1', "@SUM(1+1)", "-1", "+x", "\uff1dwide", "</script><script>alert(1)</script>", "a;b;c 7",
    "\u202egnp.exe", "N" * 10000, "tab\tnew\nline\r", 'quoted"\\', "caf\u00e9 \U0001f40d", "nul\0nul", " lead, trail ",
    "surrogate\udcff", "{x}<y>|z"]
SOURCE = """
class C:
    pass

def f(depth):
    if depth:
        return f(depth - 1)
    a, b = C(), C()
    a.other, b.other = b, a
    a.text = "text of a leaked cycle %d" % id(a)
    return [C() for _ in range(20)]
"""

kept = []
for number, name in enumerate(NAMES):
    try:
        code = compile(SOURCE, "folder;of/" + name + ".py", "exec")
    except (UnicodeEncodeError, ValueError):  # Not every version takes every name.
        code = compile(SOURCE, "folder;of/%d.py" % number, "exec")
    space = {"__name__": "evil.module"}
    exec(code, space)
    function, made = space["f"], space["C"]
    try:
        made.__name__ = made.__qualname__ = name
    except (UnicodeEncodeError, ValueError):
        pass
    new = {"co_name": name}
    if hasattr(function.__code__, "co_qualname"):
        new["co_qualname"] = name
    function.__code__ = function.__code__.replace(**new)
    kept.append(function(5))
print(sum(map(len, kept)))
