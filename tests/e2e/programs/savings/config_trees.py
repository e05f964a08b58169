# SPDX-License-Identifier: MIT
# group: tuple __main__.Service.settings
"""Each service parses its settings, which nearly all have the same: tuples of tuples of strings and numbers."""
import ast

KNOWN = {}


class Service:
    __slots__ = ("name", "settings")

    def __init__(self, name, text):
        self.name = name
        settings = ast.literal_eval(text)  # made here
        self.settings = settings  # fixed: self.settings = KNOWN.setdefault(settings, settings)


def text(n):
    limit = 1000 + n % 5
    return "(('listen', ('interface-%d', %d)), ('limits', (%d, %d.5, ('memory limit', 'open files'))))" % (limit, limit, limit, limit)


SERVICES = [Service("service %d" % n, text(n)) for n in range(1500)]
print(len(SERVICES))
