# SPDX-License-Identifier: MIT
"""A second reader of traces, written from docs/trace-format.md alone.

It shares no line with the analyzer, so what both say is not one mistake made twice. It reads what
the tests ask for (ledger totals, the last snapshot's objects, types and edges), checks every
checksum, and raises Damaged at the first thing the specification does not allow.
"""

import ctypes
import ctypes.util
import struct

MAGIC = 0x4F52554F
HEADER = struct.Struct("<IHHIIIIQ")
ZSTD = 1

PROCESS, STRINGS, FUNCTIONS, SITES, ROWS, TYPES, EPOCH, COLLECTION, NOTE, MARK, CHILD, END = range(1, 13)
LIVES, SNAPSHOT_TAKEN = 13, 14
SNAPSHOT_BEGIN, SNAPSHOT_STRINGS, SNAPSHOT_TYPES, SNAPSHOT_OBJECTS = range(32, 36)
SNAPSHOT_ROOTS, SNAPSHOT_VALUES, SNAPSHOT_MEMBERS, SNAPSHOT_END, SNAPSHOT_EDGES, SNAPSHOT_FOUND = range(36, 42)

COLLECTION_LOOK = 6  # reason of a snapshot
TRACKED, IMMORTAL, STATIC, INTERNED, FROZEN = 1, 2, 4, 8, 16
ROW_OBJECT, ROW_VARIABLE = 1, 2
LABEL_HIDDEN, LABEL_BORROWED, LABEL_WEAK = 16, 32, 10
ADDRESS, TYPE, SIZE, REFCOUNT, FLAGS, ROW, BIRTH, EDGES, TARGET, LABEL = range(10)
SIGNED_COLUMNS = (ADDRESS, BIRTH, TARGET)


class Damaged(Exception):
    pass


def _library(name, *functions):
    try:
        library = ctypes.CDLL(ctypes.util.find_library(name) or "lib%s.so" % name)
        return [getattr(library, function) for function in functions]
    except (OSError, AttributeError):
        return None


_zstd = _library("zstd", "ZSTD_decompress")
_xxhash = _library("xxhash", "XXH3_64bits_withSeed")


def missing():
    """Why traces cannot be read here, or None."""
    return None if _zstd and _xxhash else "libzstd or libxxhash is not installed"


def _hash(data, seed):
    function = _xxhash[0]
    function.restype = ctypes.c_uint64
    function.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
    return function(data, len(data), seed)


def _decompress(data, size):
    function = _zstd[0]
    function.restype = ctypes.c_size_t
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    out = ctypes.create_string_buffer(size or 1)
    got = function(out, size, data, len(data))
    if got != size:
        raise Damaged("a chunk does not decompress to its raw size")
    return out.raw[:size]


def payloads(path):
    """(chunk type, payload) of all chunks, decompressed."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        _, kind, flags, stored, raw, _, _, _ = HEADER.unpack_from(data, at)
        at += HEADER.size + stored
        payload = data[at - stored : at]
        yield kind, _decompress(payload, raw) if flags & ZSTD else payload


def value_hashes(path):
    """The hashes of all values of all snapshots."""
    for kind, payload in payloads(path):
        if kind != SNAPSHOT_VALUES:
            continue
        cursor = Cursor(payload)
        _, count = cursor.varints(2)
        for _ in range(count):
            cursor.varints(2)
            yield bytes(cursor.bytes(16))
            cursor.varint()
            cursor.string()


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def varint(self):
        value = shift = 0
        while True:
            if self.at >= len(self.data) or shift > 63:
                raise Damaged("a varint ends outside its chunk")
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def varints(self, count):
        return [self.varint() for _ in range(count)]

    def bytes(self, size):
        if self.at + size > len(self.data):
            raise Damaged("a string ends outside its chunk")
        self.at += size
        return self.data[self.at - size : self.at]

    def string(self):
        return self.bytes(self.varint()).decode("utf-8", "backslashreplace")

    def end(self):
        if self.at != len(self.data):
            raise Damaged("%d bytes are left over in a chunk" % (len(self.data) - self.at))


def _column(data, signed):
    values, value, shift = [], 0, 0
    if data and max(data) < 0x80:
        values = list(data)
    else:
        for byte in data:
            if byte < 0x80 and not shift:
                values.append(byte)
                continue
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                values.append(value)
                value = shift = 0
    return [(v >> 1) ^ -(v & 1) for v in values] if signed else values


def _fields(data):
    """Tagged fields: { field: [bytes, …] }."""
    cursor, fields = Cursor(data), {}
    while cursor.at < len(data):
        field = cursor.varint()
        fields.setdefault(field, []).append(cursor.bytes(cursor.varint()))
    return fields


def _integer(fields, field, default=None):
    return int.from_bytes(fields[field][0], "little") if field in fields else default


def _text(fields, field):
    return [value.decode("utf-8", "backslashreplace") for value in fields.get(field, [])]


class Row:
    def __init__(self, site, size, flags):
        self.site, self.size, self.flags = site, size, flags
        self.births = self.born_bytes = self.died_bytes = 0
        self.deaths = [0, 0, 0]


class Snapshot:
    def __init__(self, number):
        self.number, self.strings, self.types = number, [""], [None]
        self.columns = [[] for _ in range(10)]
        self.begin = self.end = None
        self.roots = []
        self.further = {}  # index: edges that did not fit into the object's chunk
        self.found = {}  # index: edges found when all objects were written

    @property
    def of_heap(self):
        return self.begin is not None and self.reason != COLLECTION_LOOK

    @property
    def cpu(self):
        return _integer(self.end, 9, 0)

    @property
    def whole(self):
        return self.end is not None and _integer(self.end, 1) == 0

    def tracked(self):
        """{type name: number of objects that gc.get_objects() gives}: not the permanent generation."""
        counts = {}
        for type_id, flags in zip(self.columns[TYPE], self.columns[FLAGS]):
            if flags & TRACKED and not flags & FROZEN:
                name = self.types[type_id]
                counts[name] = counts.get(name, 0) + 1
        return counts

    def edges(self):
        """For each object its list of (target index, label)."""
        targets, labels = self.columns[TARGET], self.columns[LABEL]
        at = 0
        for index, count in enumerate(self.columns[EDGES]):
            own = [(index + targets[k], labels[k]) for k in range(at, at + count)]
            at += count
            yield own + self.further.get(index, []) + self.found.get(index, [])

    def garbage(self):
        """Indexes of the tracked objects that the collector would find, by its own rule."""
        flags, residual = self.columns[FLAGS], list(self.columns[REFCOUNT])
        edges = [
            [t for t, label in row if not label & (LABEL_HIDDEN | LABEL_BORROWED) and label & 15 != LABEL_WEAK]
            for row in self.edges()
        ]
        candidates = [bool(f & TRACKED) and not f & (FROZEN | IMMORTAL) for f in flags]
        for source, targets in enumerate(edges):
            if candidates[source]:
                for target in targets:
                    residual[target] -= 1
        alive = [i for i, candidate in enumerate(candidates) if candidate and residual[i] > 0]
        dead = {i for i, candidate in enumerate(candidates) if candidate} - set(alive)
        while alive:
            for target in edges[alive.pop()]:
                if target in dead:
                    dead.remove(target)
                    alive.append(target)
        return dead


class Trace:
    """One trace file, read to its last whole chunk; its counts up to the epoch `until`, if given."""

    def __init__(self, path, until=None):
        self.until = until
        self.path, self.truncated = path, False
        self.strings, self.functions, self.sites, self.rows = [""], [None], [(0, 0, 0, 0, 0)], [Row(0, 0, 0)]
        self.types, self.epochs, self.notes, self.children, self.snapshots = [""], [], [], [], {}
        self.process = self.end = None
        self.pauses = {}  # number of a snapshot: ns
        self.chunks = []
        expected = {}
        with open(path, "rb") as file:
            data = file.read()
        at = 0
        while at < len(data):
            if at + HEADER.size > len(data):
                self.truncated = True
                break
            magic, kind, flags, stored, raw, stream, sequence, checksum = HEADER.unpack_from(data, at)
            if magic != MAGIC:
                raise Damaged("no chunk starts at byte %d" % at)
            payload = data[at + HEADER.size : at + HEADER.size + stored]
            if len(payload) < stored:
                self.truncated = True
                break
            if _hash(payload, _hash(data[at : at + 24], 0)) != checksum:
                raise Damaged("the checksum of the chunk at byte %d is wrong" % at)
            if sequence != expected.get(stream, 0):
                raise Damaged("stream %d: chunk %d where %d was due" % (stream, sequence, expected.get(stream, 0)))
            expected[stream] = sequence + 1
            if not self.chunks and kind != PROCESS:
                raise Damaged("the first chunk does not describe the process")
            self.chunks.append((kind, stream, stored, raw))
            self._chunk(kind, stream, _decompress(payload, raw) if flags & ZSTD else payload)
            at += HEADER.size + stored

    def _chunk(self, kind, stream, data):
        cursor = Cursor(data)
        if kind == PROCESS:
            self.process = _fields(data)
            self.version, self.pid = _integer(self.process, 1), _integer(self.process, 2)
            self.runtime_version = "".join(_text(self.process, 6))
            self.arguments, self.parent_trace = _text(self.process, 10), "".join(_text(self.process, 11))
            self.origin = _integer(self.process, 12, 0)
        elif kind == STRINGS:
            self._table(cursor, self.strings, Cursor.string)
        elif kind == FUNCTIONS:
            self._table(cursor, self.functions, lambda c: tuple(c.varints(3)))
        elif kind == SITES:
            self._table(cursor, self.sites, lambda c: tuple(c.varints(5)))
        elif kind == ROWS:
            self._table(cursor, self.rows, lambda c: Row(*c.varints(3)))
        elif kind == TYPES:
            self._table(cursor, self.types, Cursor.varint)
        elif kind == EPOCH:
            self._epoch(cursor)
        elif kind == NOTE:
            code, clock, time = cursor.varints(3)
            self.notes.append((code, cursor.bytes(len(data) - cursor.at).decode("utf-8", "backslashreplace")))
        elif kind == SNAPSHOT_TAKEN:
            number, pause = cursor.varints(2)
            self.pauses[number] = pause
        elif kind == CHILD:
            self.children.append(cursor.varint())
        elif kind == END:
            self.end = _fields(data)
        elif kind >= SNAPSHOT_BEGIN:
            self._snapshot(kind, self.snapshots.setdefault(stream, Snapshot(stream)), cursor)

    @staticmethod
    def _table(cursor, table, item):
        first, count = cursor.varints(2)
        if first != len(table):
            raise Damaged("identifiers are not dense: %d after %d" % (first, len(table) - 1))
        table.extend(item(cursor) for _ in range(count))
        cursor.end()

    def _epoch(self, cursor):
        number, clock, time, blocks, live, count = cursor.varints(6)
        if self.until is not None and number > self.until:
            return
        self.epochs.append((number, clock, time, blocks, live))
        row_id = 0
        for _ in range(count):
            row_id += cursor.varint()
            if row_id >= len(self.rows):
                raise Damaged("epoch %d counts row %d, which is not described" % (number, row_id))
            row, mask = self.rows[row_id], cursor.varint()
            if mask & ~0xFF:
                raise Damaged("epoch %d has fields that version 1 does not know" % number)
            births = cursor.varint() if mask & 1 else 0
            row.births += births
            row.born_bytes += cursor.varint() if mask & 2 else births * row.size
            dead = 0
            for cause in range(3):
                if mask & (4 << cause):
                    deaths = cursor.varint()
                    row.deaths[cause] += deaths
                    dead += deaths
            row.died_bytes += cursor.varint() if mask & 32 else dead * row.size
            for bit in (64, 128):
                if mask & bit:
                    cursor.varints(2 * cursor.varint())
        cursor.end()

    @staticmethod
    def _snapshot(kind, snapshot, cursor):
        if kind == SNAPSHOT_BEGIN:
            snapshot.begin = _fields(cursor.data)
            snapshot.reason, snapshot.epoch = _integer(snapshot.begin, 2), _integer(snapshot.begin, 5)
        elif kind == SNAPSHOT_STRINGS:
            Trace._table(cursor, snapshot.strings, Cursor.string)
        elif kind == SNAPSHOT_TYPES:
            Trace._table(cursor, snapshot.types, lambda c: snapshot.strings[c.varints(4)[0]])
        elif kind == SNAPSHOT_OBJECTS:
            first, count = cursor.varints(2)
            if first != len(snapshot.columns[TYPE]):
                raise Damaged("objects start at %d where %d was due" % (first, len(snapshot.columns[TYPE])))
            for column in range(10):
                values = _column(cursor.bytes(cursor.varint()), column in SIGNED_COLUMNS)
                if column < TARGET and len(values) != count:
                    raise Damaged("column %d has %d values for %d objects" % (column, len(values), count))
                if column in (ADDRESS, BIRTH):
                    total = 0
                    for index, value in enumerate(values):
                        values[index] = total = total + value
                if column == TARGET:
                    # Kept relative to the own index, as in the file: edges() adds it.
                    if len(values) != sum(snapshot.columns[EDGES][first:]):
                        raise Damaged("the edges do not add up")
                snapshot.columns[column].extend(values)
            cursor.end()
        elif kind == SNAPSHOT_EDGES:
            index, count = cursor.varints(2)
            if index != len(snapshot.columns[TYPE]) - 1:
                raise Damaged("edges of object %d, where the last one is %d" % (index, len(snapshot.columns[TYPE]) - 1))
            targets, labels = (_column(cursor.bytes(cursor.varint()), signed) for signed in (True, False))
            if len(targets) != count or len(labels) != count:
                raise Damaged("further edges do not add up")
            snapshot.further.setdefault(index, []).extend((index + t, l) for t, l in zip(targets, labels))
            cursor.end()
        elif kind == SNAPSHOT_ROOTS:
            for _ in range(cursor.varint()):
                root, target, name, function, file, line = cursor.varints(6)
                text = snapshot.strings
                snapshot.roots.append((root, target, text[name], text[function], text[file], line))
            for _ in range(cursor.varint()):
                cursor.varints(2)
            cursor.end()
        elif kind == SNAPSHOT_FOUND:
            index = 0
            for _ in range(cursor.varint()):
                step, target, label = cursor.varints(3)
                index += step
                if index >= len(snapshot.columns[TYPE]):
                    raise Damaged("an edge was found of object %d, which is not there" % index)
                snapshot.found.setdefault(index, []).append((target, label))
            cursor.end()
        elif kind == SNAPSHOT_END:
            snapshot.end = _fields(cursor.data)

    def place(self, site):
        """(file, line) of the innermost frame of a site; ("", 0) for the root."""
        _, function, line, _, _ = self.sites[site]
        return (self.strings[self.functions[function][0]], line) if function else ("", 0)

    def stack(self, site):
        """[(file, line, function), …], innermost first."""
        frames = []
        while site:
            parent, function, line, _, _ = self.sites[site]
            file, name, _ = self.functions[function]
            frames.append((self.strings[file], line, self.strings[name]))
            site = parent
        return frames

    @property
    def last_snapshot(self):
        whole = [s for _, s in sorted(self.snapshots.items()) if s.whole and s.of_heap]
        return whole[-1] if whole else None
