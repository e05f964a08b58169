# SPDX-License-Identifier: MIT
"""A heap of known duplicates of every type whose values are compared.

Every family of values is in the attribute `v` of a class of its own, so that it is a group of its own.
Prints what must be found: {type: {holder: {"copies", "distinct", "surplus": [[blocks of each, how many]]}}}.
Values with one object only are in no group. No value is a constant of this file: without the global
lock constants are immortal, and then all copies could go.
"""

import collections
import dataclasses
import datetime
import decimal
import fractions
import json
import struct
import sys
import uuid

expected = {}
held = []


def blocks(value):
    """The sizes that are asked for of the blocks of a value: sys.getsizeof(), where that is right."""
    size = sys.getsizeof(value)
    if isinstance(value, frozenset):  # its table is a block of its own
        inner = sys.getsizeof(frozenset())
        return [inner] + [size - inner] * (size > inner)
    if isinstance(value, tuple) and type(value) is not tuple:
        return [size + 8]  # PyType_GenericAlloc() leaves room for one more item
    if isinstance(value, (datetime.datetime, datetime.time)) and value.tzinfo is None:
        return [size - 8]  # made without the field
    return [size]


def family(name, *values):
    """Values are (maker, copies); two makers of a family never make equal values."""
    holder = type(name, (), {"__slots__": ("v",)})
    for maker, copies in values:
        for _ in range(copies):
            one = holder()
            one.v = maker()
            held.append(one)
        if copies < 2:
            continue
        kind = type(one.v)
        module = kind.__module__ + "." if kind.__module__ != "builtins" else ""
        group = expected.setdefault(module + kind.__qualname__, {}).setdefault(
            "__main__.%s.v" % name, {"copies": 0, "distinct": 0, "surplus": []})
        group["copies"] += copies
        group["distinct"] += 1
        group["surplus"].append([blocks(one.v), copies - 1])


def untouched(name, *makers):
    """What is never a saving."""
    holder = type(name, (), {"__slots__": ("v",)})
    for maker in makers:
        for _ in range(20):
            one = holder()
            one.v = maker()
            held.append(one)


def text(*parts):
    """A new str of parts, each a character and how often it comes."""
    parts = [chr(ord(c) + 1) * n for c, n in parts]
    return lambda: "".join(parts).encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")


def number(value):
    """A new int, 17 more than the argument and with no more digits than it needs."""
    negative = -value - 17
    return lambda: -negative


def double(value):
    return lambda: float(value)


def bits(value):
    return lambda: struct.unpack("<d", struct.pack("<Q", value))[0]


ab = text(("a", 1), ("b", 1))
# Around every block class there are, with and without the header of wider kinds.
LENGTHS = list(range(2, 60)) + list(range(430, 480)) + [1000, 1001, 5000]
family("Ascii", *[(text(("}", n)), 2 + n % 5) for n in LENGTHS])
family("Latin", *[(text(("\xe9", n)), 3) for n in LENGTHS])
family("Wide", *[(text(("\u20ac", n)), 2) for n in LENGTHS])
family("Astral", *[(text(("\U0001f40d", n)), 4) for n in LENGTHS])
family("OneWide", (text(("a", 20), ("\u20ac", 1)), 5), (text(("a", 20), ("\U0001f40d", 1)), 6), (text(("a", 20), ("\xe9", 1)), 7))
family("Surrogates", (text(("\ud800", 1), ("x", 1)), 3), (text(("\udc00", 1), ("x", 1)), 4), (text(("\ud800", 1), ("\udc00", 1)), 5), (text(("\U00010000", 1), ("x", 1)), 6))
family("WideChar", (text(("\u20ac", 1)), 9), (text(("\U0001f40d", 1)), 8), (text(("\ud800", 1)), 7))
family("Bytes", *[(lambda n=n: bytes(bytearray(b"b") * n), 3) for n in LENGTHS])
family("BytesZero", (lambda: bytes(bytearray(2)), 5), (lambda: bytes(bytearray(3)), 6))
family("Int", *[(number(n), 4) for n in (
    5003, -5003, -6 - 17, 2**30 - 20, 2**30 - 14, -(2**30) - 14, 2**60 - 20, 2**60 - 14, 2**63, -(2**63), 2**200, 2**200 + 1, 10**100)])
LOCKLESS = hasattr(sys, "_is_gil_enabled") and not sys._is_gil_enabled()
family("Float", (double("2.515625" if LOCKLESS else "0.0"), 5), (double("-0.0"), 6), (double("1.515625"), 7), (double("-inf"), 4),
       (bits(0x7FF8000000000000), 8), (bits(0x7FF8000000000001), 9), (bits(0xFFF8000000000000), 3))
family("Complex", (lambda: complex(float("0"), float("0")), 3), (lambda: complex(float("-0"), float("0")), 4), (lambda: complex(float("0"), float("-0")), 5))
family("OneOrTrue", (lambda: (int("1"), ab()), 3), (lambda: (float("1"), ab()), 4), (lambda: (int("1") == 1, ab()), 5),
       (lambda: (None, ab()), 6), (lambda: ((float("1"), ab()),), 7), (lambda: ((int("1"), ab()),), 8))
family("Same", (number(7000), 4), (double("7017.0"), 5), (lambda: complex(float("7017"), 0), 6),
       (lambda: decimal.Decimal("7017"), 7), (lambda: fractions.Fraction(int("7017"), 1), 8))
family("Tuple", (lambda: (ab(), number(9000)()), 5), (lambda: (number(9000)(), ab()), 6),
       (lambda: (ab(), (number(9000)(), (double("2.5")(),))), 7),
       (lambda: (ab(), (number(9000)(), (double("-2.5")(),))), 8),
       (lambda: tuple(number(3000 + i)() for i in range(100)), 3), (lambda: (len, int, None, Ellipsis, int("0")), 4))
family("Mutable", (lambda: (ab(), []), 1), (lambda: ({},), 1))
family("Frozenset", (lambda: frozenset([ab(), number(9000)()]), 5),
       (lambda: frozenset([text(("c", 2))(), number(9000)()]), 6),
       (lambda: frozenset(number(i)() for i in range(300)), 3),
       (lambda: frozenset(number(i)() for i in reversed(range(400))), 3),
       (lambda: frozenset([(ab(), frozenset([number(9000)()]))]), 4))
Point = collections.namedtuple("Point", "x y")
Other = collections.namedtuple("Other", "x y")
family("NamedTuple", (lambda: Point(ab(), number(9000)()), 5), (lambda: Point(number(9000)(), ab()), 6))
family("OtherTuple", (lambda: Other(ab(), number(9000)()), 7))
family("Decimal", *[(lambda t=t: decimal.Decimal(t), 3) for t in (
    "1", "1.0", "1.00", "-1", "0", "-0", "NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "1E+5", "100000", "1." + "3" * 60)])
zone = datetime.timezone(datetime.timedelta(hours=2))
family("Date", (lambda: datetime.date(2026, 1, 2), 5), (lambda: datetime.date(2026, 2, 1), 6))
family("Datetime", (lambda: datetime.datetime(2026, 1, 2, 3, 4, 5), 5), (lambda: datetime.datetime(2026, 1, 2, 3, 4, 5, 6), 6),
       (lambda: datetime.datetime(2026, 1, 2, 3, 4, 5, fold=1), 7))
family("Aware", (lambda: datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=zone), 5),
       (lambda: datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), 6))
family("Zoned", (lambda: datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=int("3")))), 4))
family("Time", (lambda: datetime.time(3, 4, 5), 5), (lambda: datetime.time(3, 4, 5, tzinfo=zone), 6), (lambda: datetime.time(3, 4, 5, fold=1), 7))
family("Timedelta", (lambda: datetime.timedelta(1, 2, 3), 5), (lambda: datetime.timedelta(-1, 2, 3), 6))
family("Uuid", (lambda: uuid.UUID(int=int("1" * 30)), 5), (lambda: uuid.UUID(int=int("2" * 30)), 6))
family("Fraction", (lambda: fractions.Fraction(int("3000"), int("7000")), 5), (lambda: fractions.Fraction(int("3001"), 7000), 6))


@dataclasses.dataclass(frozen=True)
class Frozen:
    __slots__ = ("name", "pair")
    name: str
    pair: tuple


@dataclasses.dataclass
class Thawed:
    name: str


family("Dataclass", (lambda: Frozen(ab(), (number(9000)(),)), 5), (lambda: Frozen(ab(), (number(9001)(),)), 6))
untouched("NotFrozen", lambda: Thawed(ab()), lambda: [ab()][:0], lambda: {1}, lambda: bytearray(5))
untouched("Cached", lambda: ab()[0], lambda: text(("\xe9", 1))(), lambda: "", lambda: b"", lambda: bytes(bytearray(b"x")), lambda: (),
          number(5 - 17), number(-5 - 17), number(256 - 17), lambda: None, lambda: True, lambda: sys.intern(text(("s", 30))()))

print(json.dumps(expected))
