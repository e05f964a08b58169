# SPDX-License-Identifier: MIT
"""The one table of real differences between versions of the runtime.

All samples say in their first comment what ouro should find, on every version. A row here replaces
one of those lines (found by its beginning) on some versions, by other lines or by none, and says
why. A row that nothing needs any more is a failure of its own (test_samples.py).
"""

ALL = ((3, 8), (3, 15))

# sample, first version, last version, beginning of the line that is replaced, replacement, why
DIFFERENCES = [
]


def adapt(sample, header, minor):
    """The header of a sample as it holds on a version (major, minor)."""
    lines = []
    for line in header:
        for name, first, last, beginning, replacement, _ in DIFFERENCES:
            if name == sample and first <= minor <= last and line.startswith(beginning):
                lines += replacement
                break
        else:
            lines.append(line)
    return lines
