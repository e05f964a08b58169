# SPDX-License-Identifier: MIT
"""Strings that are made over and over and dropped, next to as many that differ. Prints how many."""

ROUNDS = 200000


def same(line):
    return line.decode()  # the same


def few(text):
    return text.split(";")  # three values


def different(number):
    return "a value of its own: %d" % number  # different


total, LINE = 0, b"first value of three;second value of three;third value of three"
for number in range(ROUNDS):
    text = same(LINE)
    total += len(few(text)) + len(different(number))
print(ROUNDS)
