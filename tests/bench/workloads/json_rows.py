# SPDX-License-Identifier: MIT
"""JSON: documents of a few kilobytes, encoded and decoded."""
import json

from measure import measure

DOCUMENT = {
    "rows": [
        {"id": 1000 + n, "name": "customer %d" % n, "balance": n * 1.25, "tags": ["new", "paying", "europe"], "active": n % 2 == 0}
        for n in range(40)
    ],
    "next": None,
}


def work(scale):
    total = 0
    for _ in range(int(11000 * scale)):
        total += len(json.loads(json.dumps(DOCUMENT))["rows"])
    return total


measure(work)
