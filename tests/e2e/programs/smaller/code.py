# SPDX-License-Identifier: MIT
# saving: code code
"""A rule that is compiled again for each use."""

SOURCE = "def rule(left, right, limit=1000):\n    return left * 77777 + right * 88888 > limit\n"
ONCE = compile(SOURCE, "rules.py", "exec")


def rule():
    made = compile(SOURCE, "rules.py", "exec")  # fixed: made = ONCE
    return made


RULES = [rule() for _ in range(500)]
print(len(RULES))
