# SPDX-License-Identifier: MIT
# group: str __main__.Entry.level
# group: str __main__.Entry.host
"""A parsed log: slots, and a few words that come with every line."""
import sys


class Entry:
    __slots__ = ("level", "host", "number")

    def __init__(self, line):
        level, host, number = line.split(" ")  # made here
        self.level = level  # fixed: self.level = sys.intern(level)
        self.host = host  # fixed: self.host = sys.intern(host)
        self.number = int(number)


LEVELS = "DEBUG", "INFO", "WARNING", "ERROR"
LOG = [Entry("%s host-%02d.example.org %d" % (LEVELS[n % 4], n % 32, n)) for n in range(12000)]
print(len(LOG))
