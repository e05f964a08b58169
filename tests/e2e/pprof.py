# SPDX-License-Identifier: MIT
"""Reads pprof profiles, knowing of Protocol Buffers only what profile.proto needs."""

import gzip


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
            if len(value) != size:
                raise ValueError("a field is longer than its message")
        else:
            raise ValueError("wire type %d, which no profile has" % (key & 7))
        yield key >> 3, value


def message(data):
    """{field: [values]}"""
    found = {}
    for field, value in fields(data):
        found.setdefault(field, []).append(value)
    return found


def packed(data):
    numbers, at = [], 0
    while at < len(data):
        number, at = varint(data, at)
        numbers.append(number)
    return numbers


class Sample:
    def __init__(self, stack, values, type):
        self.stack = stack  # ((function, file, line), …), the innermost first
        self.values, self.type = values, type


class Profile:
    def __init__(self, data):
        profile = message(gzip.decompress(data))
        self.strings = [text.decode("utf-8") for text in profile[6]]
        if self.strings[0]:
            raise ValueError("string 0 is not empty")

        def text(found, field):
            return self.strings[found[field][0]] if field in found else ""

        def pairs(field):
            return [(text(m, 1), text(m, 2)) for m in map(message, profile[field])]

        self.types = pairs(1)
        self.names = [name for name, _ in self.types]
        self.period_type, self.period = pairs(11)[0], profile[12][0]
        self.time, self.duration = profile[9][0], profile.get(10, [0])[0]
        self.comments = [self.strings[number] for number in profile.get(13, [])]
        self.default = self.strings[profile[14][0]]
        self.mappings = {m[1][0]: text(m, 5) for m in map(message, profile[3])}
        self.functions = {
            m[1][0]: (text(m, 2), text(m, 4), m.get(5, [0])[0]) for m in map(message, profile[5])}
        locations = {}
        for location in map(message, profile[4]):
            (line,) = [message(data) for data in location[4]]
            name, file, _ = self.functions[line[1][0]]
            locations[location[1][0]] = (name, file, line.get(2, [0])[0])
            if location[2][0] not in self.mappings:
                raise ValueError("a location is in no mapping")
        self.samples = []
        for data in profile[2]:
            sample = message(data)
            labels = {text(m, 1): text(m, 2) for m in map(message, sample.get(3, []))}
            stack = tuple(locations[number] for number in packed(sample[1][0]))
            values = packed(sample[2][0])
            if len(values) != len(self.types) or not stack or set(labels) != {"type"}:
                raise ValueError("a sample lacks something: %r %r %r" % (stack, values, labels))
            self.samples.append(Sample(stack, dict(zip(self.names, values)), labels["type"]))

    def totals(self):
        return {name: sum(sample.values[name] for sample in self.samples) for name in self.names}

    def by(self, key, measure):
        """{key(sample): sum of a measure}, without what is zero."""
        sums = {}
        for sample in self.samples:
            if sample.values[measure]:
                sums[key(sample)] = sums.get(key(sample), 0) + sample.values[measure]
        return sums
