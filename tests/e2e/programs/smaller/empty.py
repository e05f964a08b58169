# SPDX-License-Identifier: MIT
# saving: empty list
# saving: empty dict
# saving: empty set
"""Containers that most instances never use."""


class Page:
    __slots__ = ("children", "options", "tags")

    def __init__(self):
        self.children = []  # fixed: self.children = None
        self.options = dict()  # fixed: self.options = None
        self.tags = set()  # fixed: self.tags = None


PAGES = [Page() for _ in range(2500)]
print(len(PAGES))
