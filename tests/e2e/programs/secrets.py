# SPDX-License-Identifier: MIT
"""Values of every kind in every place, none of which may leave the program with --no-values.

Prints the secrets, one a line, as they would look in a file: hexadecimal.
"""

import collections
import dataclasses
import datetime
import decimal
import struct
import threading

COUNT = 30
shown = []


def secret(kind):
    """A new text that is in no source file; remembered in the encodings a str may have in memory."""
    word = "".join(chr(ord(c) + 1) for c in "r`ejoijmg") + kind
    for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
        shown.append(word.encode(encoding))
    return lambda: "".join(list(word))


@dataclasses.dataclass(frozen=True)
class Account:
    owner: str
    number: tuple


class Holder:
    pass


Pair = collections.namedtuple("Pair", "left right")
texts = [secret(kind) for kind in ("plain", "caf\xe9", "\u20acuro", "\U0001f40dsnake")]
holder, everything, threads = Holder(), [], []
big = int("918273645546372819")
shown += [str(big).encode(), struct.pack("<Q", big), struct.pack("<II", big & (2**30 - 1), big >> 30)]
real = float("86420.97531")
shown += [b"86420.97531", struct.pack("<d", real)]
shown += [b"77665544.332211", struct.pack("<Q", 77665544332211)]
shown += [b"3917-11-13", bytes([3917 >> 8, 3917 & 255, 11, 13])]


def closure(word):
    return lambda: word


def generator(word):
    local = word + word
    yield local


for _ in range(COUNT):
    for text in texts:
        everything += [
            text(), text().encode("utf-8"), [text()], {text(): text()}, {text()}, (text(), (text(),)), frozenset([text()]),
            Account(text(), (big + int("0"), text())), Pair(text(), float("86420.97531")), closure(text()), ValueError(text()),
            bytearray(text().encode()), complex(float("86420.97531"), 1), {"nested": {text(): [text()]}}]
        running = generator(text())
        next(running)
        everything.append(running)
    everything += [-(-big), float("86420.97531"), decimal.Decimal("77665544.332211"), datetime.date(3917, 11, 13),
                   datetime.datetime(3917, 11, 13, 1), [text() for text in texts]]
holder.attribute = [text() for text in texts]
module_variable = texts[0]()
local = threading.local()
local.value = texts[1]()
for line in shown:
    print(line.hex())
