# SPDX-License-Identifier: MIT
# group: datetime.date __main__.Event.day
"""Events of one year: thousands of equal dates."""
import datetime

DAYS = {}


class Event:
    __slots__ = ("day", "number")

    def __init__(self, text, number):
        day = datetime.date.fromisoformat(text)  # made here
        self.day = day  # fixed: self.day = DAYS.setdefault(day, day)
        self.number = number


EVENTS = [Event("2026-%02d-%02d" % (n % 12 + 1, n % 28 + 1), n) for n in range(15000)]
print(len(EVENTS))
