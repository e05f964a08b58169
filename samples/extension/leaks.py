# SPDX-License-Identifier: MIT
"""What the mistakes of leaky.c leak: python leaks.py [KIND…]; without KIND, all of them."""

import gc
import sys

import leaky

gc.disable()


class Owner:
    pass


def lost_reference():
    leaky.record(bytes(1000))


def cycle_through(kind):
    owner = Owner()
    owner.part = kind()
    owner.part.held = owner


def ring_of(kind):
    first, second = kind(), kind()
    first.held, second.held = second, first


KINDS = {
    "lost": lost_reference,
    "no-traverse": lambda: cycle_through(leaky.NoTraverse),
    "no-visit": lambda: cycle_through(leaky.NoVisit),
    "no-clear": lambda: ring_of(leaky.NoClear),
    "legacy": lambda: cycle_through(leaky.Legacy),
    "good": lambda: cycle_through(leaky.Good),
}
for name in sys.argv[1:] or KINDS:
    for _ in range(50):
        KINDS[name]()
