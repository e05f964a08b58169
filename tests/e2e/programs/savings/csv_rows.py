# SPDX-License-Identifier: MIT
# group: str tuple[*]
"""Rows of a CSV file: every cell is a string of its own, and one in five is the only one of its kind."""
import csv
import sys

CITIES = ["City of %03d" % n for n in range(150)]


def lines(count):
    for n in range(count):
        yield "%s,open-%d,unit %d,%s,order %06d" % (CITIES[n % 150], n % 7, n % 40, CITIES[n * 7 % 150], n)


ROWS = []
for row in csv.reader(lines(4000)):  # made here
    ROWS.append(tuple(row))  # fixed: ROWS.append(tuple([sys.intern(cell) for cell in row]))
print(len(ROWS))
