/* SPDX-License-Identifier: MIT */
#include "snapshot_values.h"

#include <string.h>

#include "id_table.h"
#include "snapshot_stream.h"

#define PREVIEW_BYTES 120
#define VALUES_A_CHUNK 16384u
#define MEMBERS_A_CHUNK (1u << 20)

struct entry {
    struct snapshot_value value;
    uint32_t first;  /* index of the first object that has it */
    uint32_t copies; /* how many have it and count */
    uint32_t id;     /* given when written */
};

struct snapshot_values {
    struct entry *entries; /* [1 … count] */
    uint32_t count;
    struct id_table table;
    uint32_t *of; /* object → entry, 0: none; COUNTED if it is a copy */
    struct payload out;
};
#define COUNTED (1u << 31)

static struct snapshot_values *values_of(struct snapshot *snapshot)
{
    struct snapshot_values *v = snapshot->values;
    if (v)
        return v;
    size_t limit = snapshot_limit(snapshot);
    v = snapshot->values = bump_alloc(&snapshot->bump, sizeof *v);
    if (!v)
        snapshot_out_of_memory(snapshot);
    *v = (struct snapshot_values){
        .entries = snapshot_reserve(snapshot, limit / 4 * sizeof *v->entries),
        .of = snapshot_reserve(snapshot, limit * sizeof *v->of),
    };
    if (!payload_create(&v->out, snapshot_payload_bytes(snapshot)))
        snapshot_out_of_memory(snapshot);
    return v;
}

void snapshot_value_add(struct snapshot *snapshot, uint32_t index,
                        const struct snapshot_value *value, bool counts)
{
    struct snapshot_values *v = values_of(snapshot);
    uint64_t key = value->hash[0] ^ value->type, probe = key >> 32;
    uint32_t id;
    while ((id = id_table_next(&v->table, key, &probe))) {
        const struct snapshot_value *have = &v->entries[id].value;
        if (have->hash[0] == value->hash[0] && have->hash[1] == value->hash[1] &&
            have->type == value->type)
            break;
    }
    if (!id) {
        id = v->count + 1;
        if (id >= snapshot_limit(snapshot) / 4 || !id_table_add(&v->table, key, id))
            snapshot_out_of_memory(snapshot);
        v->entries[id] = (struct entry){.value = *value, .first = index};
        v->count = id;
    }
    if (counts && !v->entries[id].copies++)
        v->entries[id].first = index;
    v->of[index] = id | (counts ? COUNTED : 0);
}

const struct snapshot_value *snapshot_value_of(const struct snapshot *snapshot, uint32_t index)
{
    const struct snapshot_values *v = snapshot->values;
    uint32_t id = v ? v->of[index] & ~COUNTED : 0;
    return id ? &v->entries[id].value : NULL;
}

static void put_value(struct snapshot *snapshot, const struct entry *entry,
                      snapshot_preview preview)
{
    struct payload *out = &snapshot->values->out;
    char text[PREVIEW_BYTES];
    size_t length = 0;
    uint32_t flags = 0;
    payload_varint(out, entry->value.type);
    payload_varint(out, entry->value.length);
    payload_bytes(out, entry->value.hash, sizeof entry->value.hash);
    if (preview)
        flags = preview(snapshot_address(snapshot, entry->first), text, sizeof text, &length);
    payload_varint(out, flags);
    payload_counted(out, text, length);
}

static void write_members(struct snapshot *snapshot)
{
    struct snapshot_values *v = snapshot->values;
    uint32_t objects = snapshot_count(snapshot);
    for (uint32_t at = 0; at < objects;) {
        /* The number of records of a chunk precedes them: count first, then write. */
        uint32_t count = 0, last = at, previous = 0;
        for (; last < objects && count < MEMBERS_A_CHUNK; last++)
            count += v->of[last] & COUNTED && v->entries[v->of[last] & ~COUNTED].id;
        payload_varint(&v->out, count);
        for (; at < last; at++) {
            uint32_t id = v->of[at] & COUNTED ? v->entries[v->of[at] & ~COUNTED].id : 0;
            if (!id)
                continue;
            payload_varint(&v->out, at - previous);
            payload_varint(&v->out, id);
            previous = at;
        }
        if (count)
            snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_MEMBERS, &v->out);
        else
            payload_clear(&v->out);
    }
}

void snapshot_write_values(struct snapshot *snapshot, snapshot_preview preview)
{
    struct snapshot_values *v = values_of(snapshot);
    uint32_t written = 0, next = 1;
    snapshot_write_tables(snapshot);
    while (next <= v->count) {
        uint32_t count = 0, last = next;
        for (; last <= v->count && count < VALUES_A_CHUNK; last++)
            count += v->entries[last].copies > 1;
        if (!count)
            break;
        payload_varint(&v->out, written + 1);
        payload_varint(&v->out, count);
        for (; next < last; next++) {
            if (v->entries[next].copies < 2)
                continue;
            v->entries[next].id = ++written;
            put_value(snapshot, &v->entries[next], preview);
        }
        snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_VALUES, &v->out);
    }
    write_members(snapshot);
}
