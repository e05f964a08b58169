# SPDX-License-Identifier: MIT
# saving: wide str
"""Texts with one character that makes all others wide."""


def text(n):
    words = "item %d of the catalogue, with a long text that is plain but for its end" % n
    return words + "\u2026"  # fixed: return words + "..."


TEXTS = [text(n) for n in range(4500)]
print(len(TEXTS))
