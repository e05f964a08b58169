# SPDX-License-Identifier: MIT
# group: str dict['country']
# group: str dict['status']
"""Rows of a JSON feed: the decoder makes a new string for each value."""
import json
import sys

COUNTRIES = "Germany", "France", "United Kingdom", "Spain", "The Netherlands"
STATUSES = "delivered", "returned to sender", "in transit"


def intern_values(row):
    row["country"] = sys.intern(row["country"])
    row["status"] = sys.intern(row["status"])
    return row


PLAIN, HOOKED = json.JSONDecoder(), json.JSONDecoder(object_hook=intern_values)


def feed(rows):
    for number in range(rows):
        yield json.dumps({"id": number, "country": COUNTRIES[number % 5], "status": STATUSES[number % 3]})


def load(lines):
    rows = []
    for line in lines:
        rows.append(PLAIN.decode(line))  # fixed: rows.append(HOOKED.decode(line))
    return rows


ROWS = load(feed(6000))
print(len(ROWS))
