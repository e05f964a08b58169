# SPDX-License-Identifier: MIT
# saving: room list
# saving: room dict
# saving: room set
"""Containers with room to grow that will not grow any more."""


def squares(count):
    found = []  # made here
    for _ in range(count):
        found.append(None)  # made here
    return found  # fixed: return list(found)


def table():
    found = dict.fromkeys(range(200))  # made here
    for key in range(195):
        del found[key]
    return found  # fixed: return dict(found)


def members():
    found = set(range(200))  # made here
    for member in range(190):
        found.discard(member)
    return found  # fixed: return set(found)


EVERYTHING = [[squares(50 + n % 20) for n in range(1500)], [table() for n in range(150)], [members() for n in range(150)]]
print(len(EVERYTHING))
