/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "clock.h"
#include "id_table.h"
#include "recorder.h"
#include "resident.h"
#include "snapshot_stream.h"

#define CHUNK_OBJECTS 65536u
#define CHUNK_BYTES (4u << 20) /* a chunk of columns is ended at this many edge bytes */
#define CHUNK_EDGES (1u << 17) /* references of one object in one chunk */
#define ZSTD_LEVEL 1
#define TYPES_MAX ((size_t)1 << 22)

struct snapshot_tables {
    /* objects, by index */
    uintptr_t *addresses;
    uint8_t *marks;
    uint32_t *references; /* counted ones to it, of those written so far */
    uint32_t count;
    size_t limit;    /* entries there is room for */
    uint32_t *slots; /* hash table of index + 1 */
    uint64_t slot_mask;
    /* strings and types */
    struct id_table strings, types;
    const char **string_text;
    uint32_t *string_length;
    uint32_t string_count, strings_written;
    uintptr_t *type_address;
    uint32_t type_count;
    struct payload pending_strings, pending_types, pending_roots, pending_root_flags;
    uint32_t pending_type_count, pending_root_count;
    struct payload found; /* SNAPSHOT_FOUND */
    uint32_t found_count, found_last;
    /* the chunk of objects being gathered */
    struct payload columns[OURO_COLUMN_COUNT];
    uint32_t chunk_first, chunk_count;
    uintptr_t previous_address;
    uint64_t previous_birth;
    struct payload out;
    size_t payload; /* bytes that a payload has room for */
    /* compression */
    ZSTD_CCtx *compressor;
    void *compressed;
    size_t compressed_size;
};

void snapshot_out_of_memory(struct snapshot *snapshot)
{
    snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "the copy ran out of memory");
}

void *snapshot_reserve(struct snapshot *snapshot, size_t size)
{
    void *p = memory_reserve(size);
    if (!p)
        snapshot_out_of_memory(snapshot);
    return p;
}

void snapshot_append(struct snapshot *snapshot, enum ouro_chunk type, struct payload *payload)
{
    struct snapshot_tables *t = snapshot->tables;
    const void *stored = payload->data;
    size_t size = payload->size;
    unsigned flags = 0;
    if (t && t->compressor && size > 64) {
        size_t n = ZSTD_compressCCtx(t->compressor, t->compressed, t->compressed_size,
                                     payload->data, payload->size, ZSTD_LEVEL);
        if (!ZSTD_isError(n) && n < size) {
            stored = t->compressed;
            size = n;
            flags = OURO_CHUNK_ZSTD;
        }
    }
    if (payload->overflow)
        snapshot_end(snapshot, OURO_SNAPSHOT_FAULT, "a chunk grew too large");
    if (!recorder_append_snapshot(type, flags, snapshot->number, &snapshot->sequence, stored, size,
                                  payload->size))
        _exit(1); /* said on stderr already */
    payload_clear(payload);
}

/*
 * Room for as many entries as the heap can have objects; pages come on first use. With a limited
 * address space as many as fit, the adapter's list of references included.
 */
#define TABLE_ENTRIES ((size_t)1 << 28)
#define BYTES_AN_ENTRY 68u
#define PAYLOADS 20u /* and the compressor's */

static size_t table_entries(size_t *payload)
{
    uint64_t budget = memory_budget();
    size_t limit = TABLE_ENTRIES;
    *payload = OURO_CHUNK_MAX;
    if (budget == UINT64_MAX)
        return limit;
    budget *= 7; /* the copy needs no room for the program any more */
    while (*payload > 8u << 20 && *payload * PAYLOADS > budget / 2)
        *payload >>= 1;
    budget /= 2;
    while (limit > 1u << 16 && limit * BYTES_AN_ENTRY > budget)
        limit >>= 1;
    return limit;
}

void snapshot_begin(struct snapshot *snapshot, const struct payload *fields)
{
    struct snapshot_tables *t = bump_alloc(&snapshot->bump, sizeof *t);
    if (!t)
        snapshot_out_of_memory(snapshot);
    memset(t, 0, sizeof *t);
    size_t payload, limit = t->limit = table_entries(&payload);
    t->payload = payload;
    t->addresses = snapshot_reserve(snapshot, limit * sizeof *t->addresses);
    t->marks = snapshot_reserve(snapshot, limit);
    t->references = snapshot_reserve(snapshot, limit * sizeof *t->references);
    t->slot_mask = (1u << 20) - 1;
    t->slots = snapshot_reserve(snapshot, (t->slot_mask + 1) * sizeof *t->slots);
    t->string_text = snapshot_reserve(snapshot, limit / 4 * sizeof *t->string_text);
    t->string_length = snapshot_reserve(snapshot, limit / 4 * sizeof *t->string_length);
    t->type_address = snapshot_reserve(snapshot, (limit < TYPES_MAX ? limit : TYPES_MAX) *
                                                     sizeof *t->type_address);
    bool made = true;
    for (int i = 0; i < OURO_COLUMN_COUNT; i++)
        made = payload_create(&t->columns[i], payload) && made;
    made = payload_create(&t->out, payload) && made;
    made = payload_create(&t->pending_strings, payload) && made;
    made = payload_create(&t->pending_types, payload) && made;
    made = payload_create(&t->pending_roots, payload) && made;
    made = payload_create(&t->pending_root_flags, payload) && made;
    made = payload_create(&t->found, payload) && made;
    if (!made)
        snapshot_out_of_memory(snapshot);
    size_t workspace = ZSTD_estimateCCtxSize(ZSTD_LEVEL);
    void *memory = bump_alloc(&snapshot->bump, workspace);
    t->compressor = memory ? ZSTD_initStaticCCtx(memory, workspace) : NULL;
    t->compressed_size = ZSTD_compressBound(payload);
    t->compressed = memory_reserve(t->compressed_size);
    if (!t->compressed)
        t->compressor = NULL;

    snapshot->tables = t;
    struct payload *p = &t->out;
    payload_field_integer(p, OURO_SNAPSHOT_NUMBER, snapshot->number);
    payload_field_integer(p, OURO_SNAPSHOT_REASON, snapshot->reason);
    payload_field_integer(p, OURO_SNAPSHOT_CLOCK, snapshot->clock);
    payload_field_integer(p, OURO_SNAPSHOT_TIME, snapshot->time);
    payload_field_integer(p, OURO_SNAPSHOT_EPOCH, snapshot->epoch);
    payload_bytes(p, fields->data, fields->size);
    snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_BEGIN, p);
    if (snapshot->reason != OURO_SNAPSHOT_COLLECTION)
        resident_write(snapshot);
}

static uint64_t hash_address(uintptr_t address)
{
    return (uint64_t)(address >> 4) * 0x9e3779b97f4a7c15u >> 20;
}

static void grow_index(struct snapshot *snapshot)
{
    struct snapshot_tables *t = snapshot->tables;
    uint64_t mask = (t->slot_mask + 1) * 4 - 1;
    uint32_t *slots = snapshot_reserve(snapshot, (mask + 1) * sizeof *slots);
    for (uint32_t i = 0; i < t->count; i++) {
        uint64_t at = hash_address(t->addresses[i]);
        while (slots[at & mask])
            at++;
        slots[at & mask] = i + 1;
    }
    memory_release(t->slots, (t->slot_mask + 1) * sizeof *slots);
    t->slots = slots;
    t->slot_mask = mask;
}

uint32_t snapshot_known(const struct snapshot *snapshot, uintptr_t address)
{
    const struct snapshot_tables *t = snapshot->tables;
    for (uint64_t at = hash_address(address);; at++) {
        uint32_t slot = t->slots[at & t->slot_mask];
        if (!slot)
            return UINT32_MAX;
        if (t->addresses[slot - 1] == address)
            return slot - 1;
    }
}

uint32_t snapshot_index(struct snapshot *snapshot, uintptr_t address)
{
    struct snapshot_tables *t = snapshot->tables;
    if ((uint64_t)t->count * 2 > t->slot_mask)
        grow_index(snapshot);
    uint64_t at = hash_address(address);
    for (;; at++) {
        uint32_t slot = t->slots[at & t->slot_mask];
        if (!slot)
            break;
        if (t->addresses[slot - 1] == address)
            return slot - 1;
    }
    if (t->count >= t->limit - 1)
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "more objects than a snapshot holds");
    t->addresses[t->count] = address;
    t->slots[at & t->slot_mask] = ++t->count;
    return t->count - 1;
}

uintptr_t snapshot_address(const struct snapshot *snapshot, uint32_t index)
{
    return snapshot->tables->addresses[index];
}

uint32_t snapshot_count(const struct snapshot *snapshot)
{
    return snapshot->tables->count;
}

size_t snapshot_limit(const struct snapshot *snapshot)
{
    return snapshot->tables->limit;
}

uint8_t *snapshot_marks(const struct snapshot *snapshot, uint32_t index)
{
    return &snapshot->tables->marks[index];
}

void snapshot_write_tables(struct snapshot *snapshot)
{
    struct snapshot_tables *t = snapshot->tables;
    if (t->strings_written < t->string_count) {
        struct payload *p = &t->out;
        payload_varint(p, t->strings_written + 1);
        payload_varint(p, t->string_count - t->strings_written);
        payload_bytes(p, t->pending_strings.data, t->pending_strings.size);
        t->strings_written = t->string_count;
        snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_STRINGS, p);
        payload_clear(&t->pending_strings);
    }
    if (t->pending_type_count) {
        struct payload *p = &t->out;
        payload_varint(p, t->type_count - t->pending_type_count + 1);
        payload_varint(p, t->pending_type_count);
        payload_bytes(p, t->pending_types.data, t->pending_types.size);
        t->pending_type_count = 0;
        snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_TYPES, p);
        payload_clear(&t->pending_types);
    }
}

uint32_t snapshot_string(struct snapshot *snapshot, const char *text, size_t length)
{
    struct snapshot_tables *t = snapshot->tables;
    if (!length)
        return 0;
    uint64_t hash = XXH3_64bits(text, length), probe = hash >> 32;
    uint32_t id;
    while ((id = id_table_next(&t->strings, hash, &probe)))
        if (t->string_length[id] == length && memcmp(t->string_text[id], text, length) == 0)
            return id;
    char *copy = bump_alloc(&snapshot->bump, length);
    id = t->string_count + 1;
    if (!copy || id >= t->limit / 4 || !id_table_add(&t->strings, hash, id))
        snapshot_out_of_memory(snapshot);
    memcpy(copy, text, length);
    t->string_text[id] = copy;
    t->string_length[id] = (uint32_t)length;
    t->string_count = id;
    payload_counted(&t->pending_strings, text, length);
    if (t->pending_strings.size > CHUNK_BYTES)
        snapshot_write_tables(snapshot);
    return id;
}

uint32_t snapshot_type_known(const struct snapshot *snapshot, uintptr_t type)
{
    const struct snapshot_tables *t = snapshot->tables;
    uint64_t hash = id_table_mix(type), probe = hash >> 32;
    uint32_t id;
    while ((id = id_table_next(&t->types, hash, &probe)))
        if (t->type_address[id] == type)
            return id;
    return 0;
}

uint32_t snapshot_type(struct snapshot *snapshot, uintptr_t type, const char *name, uint32_t flags,
                       uint64_t basic_size, uint64_t item_size)
{
    struct snapshot_tables *t = snapshot->tables;
    uint32_t id = t->type_count + 1;
    if (id >= TYPES_MAX || id >= t->limit || !id_table_add(&t->types, id_table_mix(type), id))
        snapshot_out_of_memory(snapshot);
    uint32_t string = snapshot_string(snapshot, name, strlen(name));
    t->type_address[id] = type;
    t->type_count = id;
    payload_varint(&t->pending_types, string);
    payload_varint(&t->pending_types, flags);
    payload_varint(&t->pending_types, basic_size);
    payload_varint(&t->pending_types, item_size);
    t->pending_type_count++;
    return id;
}

void snapshot_write_objects(struct snapshot *snapshot)
{
    struct snapshot_tables *t = snapshot->tables;
    if (!t->chunk_count)
        return;
    snapshot_write_tables(snapshot);
    struct payload *p = &t->out;
    payload_varint(p, t->chunk_first);
    payload_varint(p, t->chunk_count);
    for (int i = 0; i < OURO_COLUMN_COUNT; i++) {
        payload_counted(p, t->columns[i].data, t->columns[i].size);
        if (t->columns[i].overflow)
            p->overflow = true;
        payload_clear(&t->columns[i]);
    }
    snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_OBJECTS, p);
    t->chunk_first += t->chunk_count;
    t->chunk_count = 0;
    t->previous_address = 0;
    t->previous_birth = 0;
}

static void refer(struct snapshot_tables *t, uint32_t target)
{
    t->references[target] += t->references[target] != UINT32_MAX;
}

/* Whether a reference is one of those that its target counts. */
static bool counts(uint64_t label)
{
    return (label & OURO_LABEL_KIND_MASK) != OURO_LABEL_REFERENT && !(label & OURO_LABEL_BORROWED);
}

static void put_edges(struct snapshot_tables *t, uint32_t index, const struct snapshot_edge *edges,
                      size_t count)
{
    struct payload *columns = t->columns;
    for (size_t i = 0; i < count; i++) {
        if (counts(edges[i].label))
            refer(t, edges[i].target);
        payload_svarint(&columns[OURO_COLUMN_TARGET], (int64_t)edges[i].target - (int64_t)index);
        payload_varint(&columns[OURO_COLUMN_LABEL], edges[i].label);
    }
}

/* What a chunk has no room for: the rest of the references of the object written last. */
static void write_more_edges(struct snapshot *snapshot, uint32_t index,
                             const struct snapshot_edge *edges, size_t count)
{
    struct snapshot_tables *t = snapshot->tables;
    struct payload *c = t->columns;
    for (size_t done = 0; done < count;) {
        size_t now = count - done < CHUNK_EDGES ? count - done : CHUNK_EDGES;
        put_edges(t, index, edges + done, now);
        payload_varint(&t->out, index);
        payload_varint(&t->out, now);
        for (int i = OURO_COLUMN_TARGET; i <= OURO_COLUMN_LABEL; i++) {
            payload_counted(&t->out, c[i].data, c[i].size);
            t->out.overflow = t->out.overflow || c[i].overflow;
            payload_clear(&c[i]);
        }
        snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_EDGES, &t->out);
        done += now;
    }
}

void snapshot_object(struct snapshot *snapshot, const struct snapshot_object *object,
                     const struct snapshot_edge *edges, size_t count)
{
    struct snapshot_tables *t = snapshot->tables;
    struct payload *c = t->columns;
    uint32_t index = t->chunk_first + t->chunk_count;
    size_t here = count < CHUNK_EDGES ? count : CHUNK_EDGES;
    payload_svarint(&c[OURO_COLUMN_ADDRESS], (int64_t)(object->address - t->previous_address));
    t->previous_address = object->address;
    payload_varint(&c[OURO_COLUMN_TYPE], object->type);
    payload_varint(&c[OURO_COLUMN_SIZE], object->size);
    payload_varint(&c[OURO_COLUMN_REFCOUNT], object->refcount);
    payload_varint(&c[OURO_COLUMN_FLAGS], object->flags);
    payload_varint(&c[OURO_COLUMN_ROW], object->row);
    payload_svarint(&c[OURO_COLUMN_BIRTH], (int64_t)(object->birth - t->previous_birth));
    t->previous_birth = object->birth;
    payload_varint(&c[OURO_COLUMN_EDGES], here);
    put_edges(t, index, edges, here);
    snapshot->objects++;
    snapshot->edges += count;
    snapshot->bytes += object->flags & OURO_OBJECT_STATIC ? 0 : object->size;
    t->chunk_count++;
    if (t->chunk_count == CHUNK_OBJECTS || here < count ||
        c[OURO_COLUMN_TARGET].size + c[OURO_COLUMN_LABEL].size > CHUNK_BYTES)
        snapshot_write_objects(snapshot);
    write_more_edges(snapshot, index, edges + here, count - here);
}

uint32_t snapshot_references(const struct snapshot *snapshot, uint32_t index)
{
    return snapshot->tables->references[index];
}

static void write_roots(struct snapshot *snapshot)
{
    struct snapshot_tables *t = snapshot->tables;
    snapshot_write_tables(snapshot);
    payload_varint(&t->out, t->pending_root_count);
    payload_bytes(&t->out, t->pending_roots.data, t->pending_roots.size);
    payload_varint(&t->out, t->pending_root_count);
    payload_bytes(&t->out, t->pending_root_flags.data, t->pending_root_flags.size);
    snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_ROOTS, &t->out);
    payload_clear(&t->pending_roots);
    payload_clear(&t->pending_root_flags);
    t->pending_root_count = 0;
}

void snapshot_root(struct snapshot *snapshot, const struct snapshot_root *root)
{
    struct snapshot_tables *t = snapshot->tables;
    const uint64_t items[] = {root->kind,     root->target, root->name,
                              root->function, root->file,   root->line};
    for (int i = 0; i < 6; i++)
        payload_varint(&t->pending_roots, items[i]);
    payload_varint(&t->pending_root_flags, root->flags);
    payload_varint(&t->pending_root_flags, root->thread);
    t->pending_root_count++;
    if (root->flags & OURO_ROOT_COUNTED)
        refer(t, root->target);
    if (t->pending_roots.size > CHUNK_BYTES)
        write_roots(snapshot);
}

static void write_found(struct snapshot *snapshot)
{
    struct snapshot_tables *t = snapshot->tables;
    if (!t->found_count)
        return;
    snapshot_write_tables(snapshot);
    payload_varint(&t->out, t->found_count);
    payload_bytes(&t->out, t->found.data, t->found.size);
    snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_FOUND, &t->out);
    payload_clear(&t->found);
    t->found_count = t->found_last = 0;
}

void snapshot_found(struct snapshot *snapshot, uint32_t index, uint32_t target, uint64_t label)
{
    struct snapshot_tables *t = snapshot->tables;
    snapshot_write_objects(snapshot); /* those that are meant must be there */
    payload_varint(&t->found, index - t->found_last);
    payload_varint(&t->found, target);
    payload_varint(&t->found, label);
    t->found_last = index;
    t->found_count++;
    snapshot->edges++;
    refer(t, target);
    if (t->found.size > CHUNK_BYTES)
        write_found(snapshot);
}

size_t snapshot_payload_bytes(const struct snapshot *snapshot)
{
    return snapshot->tables->payload;
}

void snapshot_end(struct snapshot *snapshot, enum ouro_snapshot_status status, const char *text)
{
    static bool ending;
    if (ending) /* failed while ending: what is there must do */
        _exit(1);
    ending = true;
    struct payload fallback = {0};
    struct payload *p = snapshot->tables ? &snapshot->tables->out : &fallback;
    if (!snapshot->tables && !payload_create(p, 4096))
        _exit(1);
    payload_clear(p);
    if (snapshot->tables && status == OURO_SNAPSHOT_COMPLETE) {
        snapshot_write_objects(snapshot);
        write_found(snapshot);
        write_roots(snapshot);
    }
    payload_field_integer(p, OURO_SNAPSHOT_END_STATUS, status);
    payload_field_integer(p, OURO_SNAPSHOT_END_OBJECTS, snapshot->objects);
    payload_field_integer(p, OURO_SNAPSHOT_END_EDGES, snapshot->edges);
    payload_field_integer(p, OURO_SNAPSHOT_END_DURATION,
                          clock_now(CLOCK_MONOTONIC) - snapshot->started);
    payload_field_integer(p, OURO_SNAPSHOT_END_MEMORY, snapshot->bump.total);
    payload_field_integer(p, OURO_SNAPSHOT_END_BYTES, snapshot->bytes);
    payload_field_integer(p, OURO_SNAPSHOT_END_CPU, clock_now(CLOCK_PROCESS_CPUTIME_ID));
    if (snapshot->unreadable)
        payload_field_integer(p, OURO_SNAPSHOT_END_UNREADABLE, snapshot->unreadable);
    if (snapshot->interned.slots) {
        payload_field_integer(p, OURO_SNAPSHOT_END_INTERNED, snapshot->interned.used);
        payload_field_integer(p, OURO_SNAPSHOT_END_INTERNED_ROOM, snapshot->interned.room);
        payload_field_integer(p, OURO_SNAPSHOT_END_INTERNED_SLOTS, snapshot->interned.slots);
    }
    if (text)
        payload_field_string(p, OURO_SNAPSHOT_END_TEXT, text);
    snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_END, p);
    if (snapshot->account) {
        atomic_store(&snapshot->account->cpu, clock_now(CLOCK_PROCESS_CPUTIME_ID));
        atomic_store(&snapshot->account->objects, snapshot->examined);
        atomic_store(&snapshot->account->number, snapshot->number);
    }
    _exit(0);
}
