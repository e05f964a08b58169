/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "builder.h"
#include "ouro/varint.h"

/* Chunks are split at these: small enough that large test snapshots get several. */
#define OBJECTS_PER_CHUNK ((size_t)1 << 16)
#define EDGES_PER_CHUNK ((size_t)1 << 20)

struct builder_type {
    uint32_t name, flags;
};

struct builder_object {
    uint64_t address, size, birth;
    uint32_t type, row, flags, refcount;
    int surplus;
    bool refcount_set;
};

struct builder_edge {
    uint32_t source, target, kind;
    uint32_t payload; /* a string, or for INDEX the index itself */
};

struct builder_value {
    uint32_t type;
    char *preview;
};

struct builder_member {
    uint32_t object, value;
};

struct builder_snapshot {
    struct builder *builder;
    uint32_t number;
    bool begun, ended;
    struct payload fields; /* of the begin chunk, as set by the test */
    uint64_t set;
    struct builder_strings strings;
    struct builder_type *types;
    size_t type_count, type_room, types_written;
    struct builder_object *objects;
    size_t object_count, object_room, objects_written;
    uint32_t *references; /* strong edges and roots to each object, which may be yet to come */
    size_t reference_count, reference_room;
    struct builder_edge *edges; /* not written yet */
    size_t edge_count, edge_room;
    uint64_t edges_written;
    struct payload roots; /* not written yet */
    uint64_t root_count;
    struct builder_value *values;
    size_t value_count, value_room, values_written;
    struct builder_member *members; /* not written yet */
    size_t member_count, member_room;
};

struct builder_snapshot *builder_snapshot_new(struct builder *b, uint32_t number)
{
    struct builder_snapshot *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->builder = b;
    s->number = number;
    return s;
}

void builder_snapshot_free(struct builder_snapshot *s)
{
    for (size_t i = 0; i < s->value_count; i++)
        free(s->values[i].preview);
    builder_strings_free(&s->strings);
    payload_clear(&s->fields);
    payload_clear(&s->roots);
    free(s->types);
    free(s->objects);
    free(s->references);
    free(s->edges);
    free(s->values);
    free(s->members);
    free(s);
}

uint32_t build_snapshot_number(const struct builder_snapshot *s)
{
    return s->number;
}

void build_snapshot_int(struct builder_snapshot *s, enum ouro_snapshot_field field, uint64_t value)
{
    if (s->begun)
        builder_misuse("the begin chunk is written already");
    payload_int_field(&s->fields, field, value);
    s->set |= UINT64_C(1) << field;
}

static void default_int(const struct builder_snapshot *s, struct payload *p, uint32_t field,
                        uint64_t value)
{
    if (!(s->set & UINT64_C(1) << field))
        payload_int_field(p, field, value);
}

static void begin(struct builder_snapshot *s)
{
    struct payload p = {0};
    builder_flush(s->builder);
    if (s->begun)
        return;
    s->begun = true;
    payload_int_field(&p, OURO_SNAPSHOT_NUMBER, s->number);
    payload_bytes(&p, s->fields.bytes, s->fields.size);
    default_int(s, &p, OURO_SNAPSHOT_REASON, OURO_SNAPSHOT_AT_EXIT);
    default_int(s, &p, OURO_SNAPSHOT_CLOCK, UINT64_C(1000000) * s->number);
    default_int(s, &p, OURO_SNAPSHOT_TIME, UINT64_C(1000000000) * s->number);
    default_int(s, &p, OURO_SNAPSHOT_EPOCH, builder_epochs(s->builder));
    default_int(s, &p, OURO_SNAPSHOT_GC_ENABLED, 1);
    default_int(s, &p, OURO_SNAPSHOT_GC_THRESHOLD, 700);
    default_int(s, &p, OURO_SNAPSHOT_GC_THRESHOLD, 10);
    default_int(s, &p, OURO_SNAPSHOT_GC_THRESHOLD, 10);
    default_int(s, &p, OURO_SNAPSHOT_THREADS, 1);
    builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_BEGIN, s->number, &p);
}

uint32_t build_snapshot_string(struct builder_snapshot *s, const char *text)
{
    return builder_strings_add(&s->strings, text);
}

uint32_t build_type(struct builder_snapshot *s, const char *name, uint32_t flags)
{
    struct builder_type type = {build_snapshot_string(s, name), flags};
    BUILDER_PUSH(s->types, s->type_count, s->type_room, type);
    return (uint32_t)s->type_count;
}

uint32_t build_object(struct builder_snapshot *s, uint32_t type, uint64_t size, uint32_t row)
{
    if (type == 0 || type > s->type_count)
        builder_misuse("no such type");
    struct builder_object object = {
        .address = UINT64_C(0x7f0000000000) + s->object_count * 64,
        .size = size,
        .birth = (s->object_count + 1) * OURO_CLOCK_UNIT,
        .type = type,
        .row = row,
        .flags = s->types[type - 1].flags & OURO_TYPE_GC ? OURO_OBJECT_TRACKED : 0,
    };
    BUILDER_PUSH(s->objects, s->object_count, s->object_room, object);
    return (uint32_t)s->object_count - 1;
}

static struct builder_object *object_at(struct builder_snapshot *s, uint32_t object)
{
    if (object >= s->object_count || object < s->objects_written)
        builder_misuse("no such object, or it is written already");
    return &s->objects[object];
}

void build_object_refcount(struct builder_snapshot *s, uint32_t object, uint32_t refcount)
{
    object_at(s, object)->refcount = refcount;
    object_at(s, object)->refcount_set = true;
}

void build_object_surplus(struct builder_snapshot *s, uint32_t object, int surplus)
{
    object_at(s, object)->surplus = surplus;
}

void build_object_flags(struct builder_snapshot *s, uint32_t object, uint32_t flags)
{
    object_at(s, object)->flags = flags;
}

void build_object_birth(struct builder_snapshot *s, uint32_t object, uint64_t clock)
{
    object_at(s, object)->birth = clock;
}

void build_object_address(struct builder_snapshot *s, uint32_t object, uint64_t address)
{
    object_at(s, object)->address = address;
}

/* Counts one strong reference to an object, which may be added later. */
static void count_reference(struct builder_snapshot *s, uint32_t target)
{
    while (s->reference_count <= target)
        BUILDER_PUSH(s->references, s->reference_count, s->reference_room, 0);
    s->references[target]++;
}

static void add_edge(struct builder_snapshot *s, struct builder_edge edge)
{
    object_at(s, edge.source);
    BUILDER_PUSH(s->edges, s->edge_count, s->edge_room, edge);
    if ((edge.kind & OURO_LABEL_KIND_MASK) != OURO_LABEL_REFERENT &&
        !(edge.kind & OURO_LABEL_BORROWED))
        count_reference(s, edge.target);
}

void build_edge(struct builder_snapshot *s, uint32_t source, uint32_t target, uint32_t kind,
                const char *name)
{
    if ((kind & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX)
        builder_misuse("an element is added with build_element()");
    add_edge(s, (struct builder_edge){source, target, kind, build_snapshot_string(s, name)});
}

void build_element(struct builder_snapshot *s, uint32_t source, uint32_t target, uint32_t index)
{
    add_edge(s, (struct builder_edge){source, target, OURO_LABEL_INDEX, index});
}

void build_root(struct builder_snapshot *s, enum ouro_root_kind kind, uint32_t target,
                const char *name, const char *function, const char *file, uint32_t line)
{
    payload_varint(&s->roots, kind);
    payload_varint(&s->roots, target);
    payload_varint(&s->roots, build_snapshot_string(s, name));
    payload_varint(&s->roots, build_snapshot_string(s, function));
    payload_varint(&s->roots, build_snapshot_string(s, file));
    payload_varint(&s->roots, line);
    s->root_count++;
    count_reference(s, target);
}

uint32_t build_value(struct builder_snapshot *s, uint32_t type, const char *preview)
{
    struct builder_value value = {type, strdup(preview)};
    if (!value.preview)
        abort();
    BUILDER_PUSH(s->values, s->value_count, s->value_room, value);
    return (uint32_t)s->value_count;
}

void build_member(struct builder_snapshot *s, uint32_t object, uint32_t value)
{
    struct builder_member member = {object, value};
    BUILDER_PUSH(s->members, s->member_count, s->member_room, member);
}

static int compare_members(const void *a, const void *b)
{
    const struct builder_member *x = a, *y = b;
    return x->object < y->object ? -1 : x->object > y->object;
}

/* Sorts the edges by source, keeping the order of those that have the same one. */
static void sort_edges(struct builder_snapshot *s, size_t *first)
{
    size_t count = s->object_count - s->objects_written;
    struct builder_edge *sorted = builder_resize(NULL, s->edge_count + 1, sizeof *sorted);
    for (size_t i = 0; i < s->edge_count; i++)
        first[s->edges[i].source - s->objects_written + 1]++;
    for (size_t i = 0; i < count; i++)
        first[i + 1] += first[i];
    for (size_t i = 0; i < s->edge_count; i++)
        sorted[first[s->edges[i].source - s->objects_written]++] = s->edges[i];
    for (size_t i = count; i > 0; i--)
        first[i] = first[i - 1];
    first[0] = 0;
    free(s->edges);
    s->edges = sorted;
    s->edge_room = s->edge_count + 1;
}

/* Appends edges [from, to) of one object; *next is the index expected next. */
static void put_edges(struct builder_snapshot *s, struct payload columns[OURO_COLUMN_COUNT],
                      size_t from, size_t to, int64_t *next)
{
    for (size_t i = from; i < to; i++) {
        const struct builder_edge *edge = &s->edges[i];
        uint64_t payload = edge->payload;
        if ((edge->kind & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX) {
            payload = ouro_zigzag((int64_t)edge->payload - *next);
            *next = (int64_t)edge->payload + 1;
        }
        payload_svarint(&columns[OURO_COLUMN_TARGET],
                        (int64_t)edge->target - (int64_t)edge->source);
        payload_varint(&columns[OURO_COLUMN_LABEL], edge->kind | payload << OURO_LABEL_SHIFT);
    }
}

static uint32_t final_refcount(const struct builder_snapshot *s, size_t index)
{
    const struct builder_object *object = &s->objects[index];
    if (object->refcount_set)
        return object->refcount;
    uint32_t references = index < s->reference_count ? s->references[index] : 0;
    return (uint32_t)((int64_t)references + object->surplus);
}

/* Writes objects [from, to) as one chunk, and the edges of the last one that are too many as more. */
static void put_objects(struct builder_snapshot *s, size_t from, size_t to, const size_t *first)
{
    struct payload columns[OURO_COLUMN_COUNT] = {0}, p = {0};
    uint64_t address = 0, birth = 0;
    size_t written = 0, edges = 0;
    int64_t next = 0;
    for (size_t i = from; i < to; i++) {
        const struct builder_object *object = &s->objects[i];
        size_t begin_ = first[i - s->objects_written], end = first[i - s->objects_written + 1];
        edges = end - begin_ < EDGES_PER_CHUNK ? end - begin_ : EDGES_PER_CHUNK;
        payload_svarint(&columns[OURO_COLUMN_ADDRESS], (int64_t)(object->address - address));
        payload_varint(&columns[OURO_COLUMN_TYPE], object->type);
        payload_varint(&columns[OURO_COLUMN_SIZE], object->size);
        payload_varint(&columns[OURO_COLUMN_REFCOUNT], final_refcount(s, i));
        payload_varint(&columns[OURO_COLUMN_FLAGS], object->flags);
        payload_varint(&columns[OURO_COLUMN_ROW], object->row);
        payload_svarint(&columns[OURO_COLUMN_BIRTH],
                        (int64_t)(object->birth / OURO_CLOCK_UNIT - birth));
        payload_varint(&columns[OURO_COLUMN_EDGES], edges);
        next = 0;
        put_edges(s, columns, begin_, begin_ + edges, &next);
        address = object->address;
        birth = object->birth / OURO_CLOCK_UNIT;
        written = begin_ + edges;
    }
    payload_varint(&p, from);
    payload_varint(&p, to - from);
    for (unsigned i = 0; i < OURO_COLUMN_COUNT; i++) {
        payload_part(&p, &columns[i]);
        payload_clear(&columns[i]);
    }
    builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_OBJECTS, s->number, &p);

    size_t end = first[to - s->objects_written];
    while (written < end) {
        edges = end - written < EDGES_PER_CHUNK ? end - written : EDGES_PER_CHUNK;
        put_edges(s, columns, written, written + edges, &next);
        payload_varint(&p, to - 1);
        payload_varint(&p, edges);
        payload_part(&p, &columns[OURO_COLUMN_TARGET]);
        payload_part(&p, &columns[OURO_COLUMN_LABEL]);
        payload_clear(&columns[OURO_COLUMN_TARGET]);
        payload_clear(&columns[OURO_COLUMN_LABEL]);
        builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_EDGES, s->number, &p);
        written += edges;
    }
}

static void flush_objects(struct builder_snapshot *s)
{
    size_t count = s->object_count - s->objects_written;
    if (count == 0)
        return;
    size_t *first = calloc(count + 2, sizeof *first);
    if (!first)
        abort();
    sort_edges(s, first);
    for (size_t from = s->objects_written, to; from < s->object_count; from = to) {
        size_t edges = 0;
        for (to = from; to < s->object_count && to - from < OBJECTS_PER_CHUNK;) {
            size_t at = to - s->objects_written;
            edges += first[at + 1] - first[at];
            to++;
            if (edges >= EDGES_PER_CHUNK)
                break;
        }
        put_objects(s, from, to, first);
    }
    free(first);
    s->edges_written += s->edge_count;
    s->edge_count = 0;
    s->objects_written = s->object_count;
}

static void flush_types(struct builder_snapshot *s)
{
    struct payload p = {0};
    if (s->types_written == s->type_count)
        return;
    payload_varint(&p, s->types_written + 1);
    payload_varint(&p, s->type_count - s->types_written);
    for (; s->types_written < s->type_count; s->types_written++) {
        payload_varint(&p, s->types[s->types_written].name);
        payload_varint(&p, s->types[s->types_written].flags);
        payload_varint(&p, 16);
        payload_varint(&p, 0);
    }
    builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_TYPES, s->number, &p);
}

static void flush_values(struct builder_snapshot *s)
{
    struct payload p = {0};
    if (s->values_written < s->value_count) {
        payload_varint(&p, s->values_written + 1);
        payload_varint(&p, s->value_count - s->values_written);
        for (; s->values_written < s->value_count; s->values_written++) {
            const struct builder_value *value = &s->values[s->values_written];
            size_t length = strlen(value->preview);
            XXH128_hash_t hash = XXH3_128bits_withSeed(value->preview, length, value->type);
            payload_varint(&p, value->type);
            payload_varint(&p, length);
            payload_bytes(&p, &hash, 16);
            payload_varint(&p, 0);
            payload_text(&p, value->preview);
        }
        builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_VALUES, s->number, &p);
    }
    if (s->member_count) {
        uint32_t previous = 0;
        qsort(s->members, s->member_count, sizeof *s->members, compare_members);
        payload_varint(&p, s->member_count);
        for (size_t i = 0; i < s->member_count; i++) {
            payload_varint(&p, s->members[i].object - previous);
            payload_varint(&p, s->members[i].value);
            previous = s->members[i].object;
        }
        s->member_count = 0;
        builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_MEMBERS, s->number, &p);
    }
}

void build_snapshot_flush(struct builder_snapshot *s)
{
    if (s->ended)
        builder_misuse("the snapshot has ended");
    begin(s);
    builder_strings_flush(s->builder, &s->strings, OURO_CHUNK_SNAPSHOT_STRINGS, s->number);
    flush_types(s);
    flush_objects(s);
    if (s->root_count) {
        struct payload p = {0};
        payload_varint(&p, s->root_count);
        payload_bytes(&p, s->roots.bytes, s->roots.size);
        payload_clear(&s->roots);
        s->root_count = 0;
        builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_ROOTS, s->number, &p);
    }
    flush_values(s);
}

void build_snapshot_end_status(struct builder_snapshot *s, enum ouro_snapshot_status status,
                               const char *text)
{
    struct payload p = {0};
    build_snapshot_flush(s);
    payload_int_field(&p, OURO_SNAPSHOT_END_STATUS, status);
    payload_int_field(&p, OURO_SNAPSHOT_END_OBJECTS, s->object_count);
    payload_int_field(&p, OURO_SNAPSHOT_END_EDGES, s->edges_written);
    payload_int_field(&p, OURO_SNAPSHOT_END_DURATION, 5000000);
    if (text)
        payload_text_field(&p, OURO_SNAPSHOT_END_TEXT, text);
    builder_emit(s->builder, OURO_CHUNK_SNAPSHOT_END, s->number, &p);
    s->ended = true;
}

void build_snapshot_end(struct builder_snapshot *s)
{
    build_snapshot_end_status(s, OURO_SNAPSHOT_COMPLETE, NULL);
}
