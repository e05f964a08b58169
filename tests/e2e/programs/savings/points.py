# SPDX-License-Identifier: MIT
# group: __main__.Point __main__.Path.start
# group: __main__.Money __main__.Path.cost
"""Named tuples of floats, and frozen dataclasses: what they hold goes with them."""
import collections
import dataclasses

POINTS, COSTS = {}, {}
Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass(frozen=True)
class Money:
    __slots__ = ("amount", "currency")
    amount: float
    currency: str


class Path:
    __slots__ = ("start", "cost")


def path(n):
    made = Path()
    start = Point(float(n % 30) / 7, float(n % 20) / 3)  # made here
    made.start = start  # fixed: made.start = POINTS.setdefault(start, start)
    cost = Money(float(n % 40) / 9, "".join(["E", "U", "R"]))  # made here
    made.cost = cost  # fixed: made.cost = COSTS.setdefault(cost, cost)
    return made


PATHS = [path(n) for n in range(6000)]
print(len(PATHS))
