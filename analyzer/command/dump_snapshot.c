/* SPDX-License-Identifier: MIT */
/* Chunks of snapshots as text. */
#include "command/dump.h"

#include <inttypes.h>

#include "ouro/trace.h"
#include "text/text.h"
#include "trace/trace_names.h"

static void types(struct dump *dump, struct cursor *c)
{
    char flags[128];
    uint64_t id = cursor_varint(c);
    for (uint32_t count = cursor_count(c, 4); count; count--) {
        uint64_t name = cursor_varint(c), bits = cursor_varint(c);
        uint64_t basic = cursor_varint(c), item = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out,
                "  type %" PRIu64 ": name string %" PRIu64 ", flags %s, size %" PRIu64
                ", item %" PRIu64 "\n",
                id++, name, type_flag_names(bits, flags, sizeof flags), basic, item);
    }
}

/* One reference: "    -> 17 attribute string 5". own is the index of the object it starts from. */
static void edge(struct dump *dump, uint64_t own, struct cursor *targets, struct cursor *labels)
{
    int64_t step = cursor_svarint(targets);
    uint64_t label = cursor_varint(labels), payload = label >> OURO_LABEL_SHIFT;
    if (targets->failed || labels->failed)
        return;
    fprintf(dump->out, "    -> %" PRIu64 " %s", own + (uint64_t)step, label_kind_name(label));
    if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX)
        fprintf(dump->out, " previous%+" PRId64, ouro_unzigzag(payload) + 1);
    else if (payload)
        fprintf(dump->out, " string %" PRIu64, payload);
    fprintf(dump->out, "%s%s\n", label & OURO_LABEL_HIDDEN ? " hidden" : "",
            label & OURO_LABEL_BORROWED ? " borrowed" : "");
}

static void objects(struct dump *dump, struct cursor *c)
{
    struct cursor columns[OURO_COLUMN_COUNT];
    char flags[128];
    uint64_t index = cursor_varint(c), address = 0, birth = 0;
    uint32_t count = cursor_count(c, OURO_COLUMN_TARGET);
    for (unsigned i = 0; i < OURO_COLUMN_COUNT; i++)
        columns[i] = cursor_part(c);
    for (; count && !c->failed; count--, index++) {
        uint64_t value[OURO_COLUMN_EDGES + 1];
        for (unsigned i = 0; i <= OURO_COLUMN_EDGES; i++) {
            value[i] = cursor_varint(&columns[i]);
            if (columns[i].failed)
                cursor_fail(c);
        }
        if (c->failed)
            return;
        address += (uint64_t)ouro_unzigzag(value[OURO_COLUMN_ADDRESS]);
        birth += (uint64_t)ouro_unzigzag(value[OURO_COLUMN_BIRTH]);
        fprintf(dump->out,
                "  object %" PRIu64 ": address 0x%" PRIx64 ", type %" PRIu64 ", size %" PRIu64
                ", references %" PRIu64 ", flags %s, row %" PRIu64 ", birth %" PRIu64 "\n",
                index, address, value[OURO_COLUMN_TYPE], value[OURO_COLUMN_SIZE],
                value[OURO_COLUMN_REFCOUNT],
                object_flag_names(value[OURO_COLUMN_FLAGS], flags, sizeof flags),
                value[OURO_COLUMN_ROW], birth * OURO_CLOCK_UNIT);
        for (uint64_t e = 0; e < value[OURO_COLUMN_EDGES] && !c->failed; e++) {
            edge(dump, index, &columns[OURO_COLUMN_TARGET], &columns[OURO_COLUMN_LABEL]);
            if (columns[OURO_COLUMN_TARGET].failed || columns[OURO_COLUMN_LABEL].failed)
                cursor_fail(c);
        }
    }
}

static void more_edges(struct dump *dump, struct cursor *c)
{
    uint64_t index = cursor_varint(c);
    uint32_t count = cursor_count(c, 2);
    struct cursor targets = cursor_part(c), labels = cursor_part(c);
    if (c->failed)
        return;
    fprintf(dump->out, "  object %" PRIu64 ", further references\n", index);
    while (count-- && !targets.failed && !labels.failed)
        edge(dump, index, &targets, &labels);
    if (targets.failed || labels.failed)
        cursor_fail(c);
}

static void roots(struct dump *dump, struct cursor *c)
{
    for (uint32_t count = cursor_count(c, 6); count; count--) {
        uint64_t kind = cursor_varint(c), target = cursor_varint(c), name = cursor_varint(c);
        uint64_t function = cursor_varint(c), file = cursor_varint(c), line = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out,
                "  root %s -> %" PRIu64 ": name string %" PRIu64 ", function string %" PRIu64
                ", file string %" PRIu64 ", line %" PRIu64 "\n",
                root_kind_name(kind), target, name, function, file, line);
    }
    if (!cursor_left(c))
        return;
    for (uint32_t count = cursor_count(c, 2), i = 0; i < count; i++) {
        uint64_t flags = cursor_varint(c), thread = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  of root %" PRIu32 ":%s%s, thread string %" PRIu64 "\n", i,
                flags & OURO_ROOT_COUNTED ? " counted" : "",
                flags & OURO_ROOT_FOUND ? " found" : "", thread);
    }
}

static void found(struct dump *dump, struct cursor *c)
{
    uint64_t object = 0;
    for (uint32_t count = cursor_count(c, 3); count; count--) {
        object += cursor_varint(c);
        uint64_t target = cursor_varint(c), label = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  object %" PRIu64 " -> %" PRIu64 ": label %" PRIu64 "\n", object,
                target, label);
    }
}

static void values(struct dump *dump, struct cursor *c)
{
    char flags[64];
    uint64_t id = cursor_varint(c);
    for (uint32_t count = cursor_count(c, 20); count; count--) {
        uint64_t type = cursor_varint(c), length = cursor_varint(c);
        const unsigned char *hash = cursor_bytes(c, 16);
        uint64_t bits = cursor_varint(c);
        struct cursor preview = cursor_part(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  value %" PRIu64 ": type %" PRIu64 ", length %" PRIu64 ", hash ", id++,
                type, length);
        for (unsigned i = 0; i < 16; i++)
            fprintf(dump->out, "%02x", hash[i]);
        fprintf(dump->out, ", flags %s, preview ", value_flag_names(bits, flags, sizeof flags));
        dump_text(dump, &preview);
        fputc('\n', dump->out);
    }
}

static void members(struct dump *dump, struct cursor *c)
{
    uint64_t object = 0;
    for (uint32_t count = cursor_count(c, 2); count; count--) {
        object += cursor_varint(c);
        uint64_t value = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  object %" PRIu64 ": value %" PRIu64 "\n", object, value);
    }
}

static void spares(struct dump *dump, struct cursor *c)
{
    uint64_t object = 0;
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        object += cursor_varint(c);
        uint64_t kind = cursor_varint(c), bytes = cursor_varint(c), detail = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out,
                    "  %" PRIu64 " kind %" PRIu64 " bytes %" PRIu64 " detail %" PRIu64 "\n", object,
                    kind, bytes, detail);
    }
}

static void memory(struct dump *dump, struct cursor *c)
{
    fprintf(dump->out, "  resident %" PRIu64 "\n", cursor_varint(c));
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        uint64_t kind = cursor_varint(c), bytes = cursor_varint(c);
        uint64_t extent = cursor_varint(c), pieces = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out,
                    "  kind %" PRIu64 " resident %" PRIu64 " extent %" PRIu64 " pieces %" PRIu64
                    "\n",
                    kind, bytes, extent, pieces);
    }
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        uint64_t size = cursor_varint(c), pools = cursor_varint(c);
        uint64_t used = cursor_varint(c), room = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out,
                    "  size %" PRIu64 " pools %" PRIu64 " used %" PRIu64 " room %" PRIu64 "\n",
                    size, pools, used, room);
    }
}

static void unreached(struct dump *dump, struct cursor *c)
{
    static const char *const names[] = {"status",          "threads",          "blocks",
                                        "bytes of blocks", "unreached blocks", "unreached bytes"};
    for (size_t i = 0; i < sizeof names / sizeof *names && !c->failed; i++) {
        uint64_t value = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out, "  %s %" PRIu64 "\n", names[i], value);
    }
}

static void unreached_blocks(struct dump *dump, struct cursor *c)
{
    uint64_t index = cursor_varint(c), address = 0, from = 0;
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--, index++) {
        address += cursor_varint(c);
        uint64_t size = cursor_varint(c), stack = cursor_varint(c);
        uint64_t asked = stack ? cursor_varint(c) : 0;
        if (!c->failed)
            fprintf(dump->out,
                    "  %" PRIu64 " at 0x%" PRIx64 " size %" PRIu64 " native stack %" PRIu64
                    " asked for %" PRIu64 "\n",
                    index, address, size, stack, asked);
    }
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        from += cursor_varint(c);
        uint64_t to = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out, "  %" PRIu64 " leads to %" PRIu64 "\n", from, to);
    }
}

void dump_snapshot_chunk(struct dump *dump, uint16_t type, struct cursor *c)
{
    static const struct dump_field begin_fields[] = {
        {OURO_SNAPSHOT_NUMBER, "number", false},
        {OURO_SNAPSHOT_REASON, "reason", false},
        {OURO_SNAPSHOT_CLOCK, "clock", false},
        {OURO_SNAPSHOT_TIME, "time", false},
        {OURO_SNAPSHOT_EPOCH, "epoch", false},
        {OURO_SNAPSHOT_GC_ENABLED, "collector enabled", false},
        {OURO_SNAPSHOT_GC_DEBUG, "collector debug flags", false},
        {OURO_SNAPSHOT_GC_THRESHOLD, "collector threshold", false},
        {OURO_SNAPSHOT_GC_COUNT, "collector count", false},
        {OURO_SNAPSHOT_GC_COLLECTIONS, "collector runs", false},
        {OURO_SNAPSHOT_GC_FROZEN, "frozen objects", false},
        {OURO_SNAPSHOT_GC_LONG_LIVED_TOTAL, "long-lived total", false},
        {OURO_SNAPSHOT_GC_LONG_LIVED_PENDING, "long-lived pending", false},
        {OURO_SNAPSHOT_THREADS, "threads", false},
        {OURO_SNAPSHOT_GC_COLLECTING, "collecting", false},
        {OURO_SNAPSHOT_GC_OFF_SINCE, "off since", false},
        {OURO_SNAPSHOT_GENERATION, "generation", false},
        {OURO_SNAPSHOT_EXAMINED, "examined", false},
        {0},
    };
    static const struct dump_field end_fields[] = {
        {OURO_SNAPSHOT_END_STATUS, "status", false},
        {OURO_SNAPSHOT_END_OBJECTS, "objects", false},
        {OURO_SNAPSHOT_END_EDGES, "references", false},
        {OURO_SNAPSHOT_END_DURATION, "duration", false},
        {OURO_SNAPSHOT_END_MEMORY, "memory", false},
        {OURO_SNAPSHOT_END_INTERNED, "interned strings", false},
        {OURO_SNAPSHOT_END_INTERNED_ROOM, "interned room", false},
        {OURO_SNAPSHOT_END_INTERNED_SLOTS, "interned slots", false},
        {OURO_SNAPSHOT_END_TEXT, "text", true},
        {OURO_SNAPSHOT_END_UNREADABLE, "unreadable", false},
        {OURO_SNAPSHOT_END_BYTES, "bytes", false},
        {OURO_SNAPSHOT_END_CPU, "processor time", false},
        {0},
    };
    switch (type) {
    case OURO_CHUNK_SNAPSHOT_BEGIN:
        dump_fields(dump, begin_fields, c);
        break;
    case OURO_CHUNK_SNAPSHOT_STRINGS:
        dump_strings(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_TYPES:
        types(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_OBJECTS:
        objects(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_EDGES:
        more_edges(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_FOUND:
        found(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_ROOTS:
        roots(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_VALUES:
        values(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_MEMBERS:
        members(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_SPARE:
        spares(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_MEMORY:
        memory(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_UNREACHED:
        unreached(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS:
        unreached_blocks(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_END:
        dump_fields(dump, end_fields, c);
        break;
    default:
        fprintf(dump->out, "  %zu bytes that this version cannot read\n", cursor_left(c));
    }
}
