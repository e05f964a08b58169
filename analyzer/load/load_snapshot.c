/* SPDX-License-Identifier: MIT */
/*
 * Snapshot streams: begin and end, tables, roots and values. Objects and edges are load_objects.c's.
 *
 * A snapshot from which anything is missing is kept, marked as not whole, and made consistent: no
 * identifier in it leads out of its tables.
 */
#include "load/loader.h"

#include <string.h>

#include "load/type_rename.h"
#include "text/text.h"

static enum load_status status_of(const struct cursor *c)
{
    return c->failed ? LOAD_DAMAGED : LOAD_OK;
}

/* Puts the entry that stands for "none" at index 0 of the tables that count from 1. */
static bool zero_entries(struct loader *loader, struct snapshot_load *load)
{
    struct snapshot *s = &load->model;
    if (!load_grow(loader, &s->strings, &load->string_room, 1, sizeof *s->strings) ||
        !load_grow(loader, &s->types, &load->type_room, 1, sizeof *s->types) ||
        !load_grow(loader, &s->values, &load->value_room, 1, sizeof *s->values))
        return false;
    s->strings[0] = "";
    s->types[0] = (struct type_info){.name = ""};
    s->values[0] = (struct value_info){.preview = ""};
    s->edge_first = arena_resize(loader->arena, NULL, 1, sizeof *s->edge_first);
    if (s->edge_first)
        s->edge_first[0] = 0;
    return s->edge_first != NULL;
}

struct snapshot_load *load_snapshot_get(struct loader *loader, uint32_t number)
{
    loader->snapshots.item_size = sizeof(void *);
    struct snapshot_load **place = sparse_get(&loader->snapshots, number);
    if (!place || *place)
        return place ? *place : NULL;
    struct snapshot_load *load = arena_alloc(loader->arena, 1, sizeof *load);
    if (!load || !zero_entries(loader, load))
        return NULL;
    load->model.number = number;
    load->wanted = load_wants(loader, number);
    load->model.text = "";
    load->end_objects = load->end_edges = load->model.bytes = UINT64_MAX;
    *place = load;
    return load;
}

static void gc_repeated(struct gc_state *gc, uint64_t values[4], uint32_t *count, uint64_t value)
{
    if (*count < 4)
        values[(*count)++] = value;
    if (*count > gc->generations)
        gc->generations = *count;
}

static enum load_status begin(struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    struct gc_state *gc = &s->gc;
    uint32_t thresholds = 0, counts = 0, collections = 0;
    if (load->begun)
        return LOAD_DAMAGED;
    load->begun = true;
    while (cursor_left(c)) {
        uint64_t field = cursor_varint(c);
        struct cursor value = cursor_part(c);
        if (c->failed || field < OURO_SNAPSHOT_NUMBER || field > OURO_SNAPSHOT_EXAMINED)
            continue;
        uint64_t number = cursor_int64(&value);
        if (value.failed || (field == OURO_SNAPSHOT_NUMBER && number != s->number))
            return LOAD_DAMAGED;
        switch (field) {
        case OURO_SNAPSHOT_REASON:
            s->reason = (uint32_t)number;
            break;
        case OURO_SNAPSHOT_CLOCK:
            s->clock = number;
            break;
        case OURO_SNAPSHOT_TIME:
            s->time = number;
            break;
        case OURO_SNAPSHOT_EPOCH:
            s->epoch = number;
            break;
        case OURO_SNAPSHOT_GC_ENABLED:
            gc->enabled = number != 0;
            break;
        case OURO_SNAPSHOT_GC_DEBUG:
            gc->debug = number;
            break;
        case OURO_SNAPSHOT_GC_THRESHOLD:
            gc_repeated(gc, gc->threshold, &thresholds, number);
            break;
        case OURO_SNAPSHOT_GC_COUNT:
            gc_repeated(gc, gc->count, &counts, number);
            break;
        case OURO_SNAPSHOT_GC_COLLECTIONS:
            gc_repeated(gc, gc->collections, &collections, number);
            break;
        case OURO_SNAPSHOT_GC_FROZEN:
            gc->frozen = number;
            break;
        case OURO_SNAPSHOT_GC_LONG_LIVED_TOTAL:
            gc->long_lived_total = number;
            break;
        case OURO_SNAPSHOT_GC_LONG_LIVED_PENDING:
            gc->long_lived_pending = number;
            break;
        case OURO_SNAPSHOT_THREADS:
            s->threads = (uint32_t)number;
            break;
        case OURO_SNAPSHOT_EXAMINED:
            s->examined = number;
            break;
        case OURO_SNAPSHOT_GC_OFF_SINCE:
            gc->off_since = number;
            break;
        case OURO_SNAPSHOT_GC_COLLECTING:
            gc->collecting = number != 0;
            break;
        }
    }
    return status_of(c);
}

/* The table of interned strings: one that cannot be is not known. Its slots are at most those of 2^32 strings. */
static void check_interned(struct snapshot *s)
{
    const uint64_t most = UINT64_C(1) << 34, slots = s->interned.slots;
    if (!slots || slots > most || s->interned.used > slots || s->interned.room > slots)
        s->interned.used = s->interned.room = s->interned.slots = 0;
}

static enum load_status end(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    load->ended = true;
    while (cursor_left(c)) {
        uint64_t field = cursor_varint(c);
        struct cursor value = cursor_part(c);
        if (c->failed)
            break;
        switch (field) {
        case OURO_SNAPSHOT_END_STATUS:
            s->status = (uint32_t)cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_OBJECTS:
            load->end_objects = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_EDGES:
            load->end_edges = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_DURATION:
            s->duration = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_BYTES:
            s->bytes = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_CPU:
            s->cpu = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_INTERNED:
            s->interned.used = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_INTERNED_ROOM:
            s->interned.room = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_INTERNED_SLOTS:
            s->interned.slots = cursor_int64(&value);
            break;
        case OURO_SNAPSHOT_END_TEXT:
            s->text = text_escape(loader->arena, value.at, cursor_left(&value), TEXT_NAME);
            if (!s->text)
                return LOAD_MEMORY;
            break;
        }
        if (value.failed)
            cursor_fail(c);
    }
    check_interned(s);
    return status_of(c);
}

/* Reads first_id and count of a table's chunk that must continue the table; false: it does not. */
static bool continues(struct cursor *c, uint32_t have, size_t record_min, uint32_t *count)
{
    uint64_t first_id = cursor_varint(c);
    *count = cursor_count(c, record_min);
    return !c->failed && first_id == (uint64_t)have + 1;
}

static enum load_status strings(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t count;
    if (!continues(c, s->string_count, 1, &count))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &s->strings, &load->string_room, (uint64_t)s->string_count + count + 1,
                   sizeof *s->strings))
        return LOAD_MEMORY;
    for (; count; count--) {
        const char *text = load_text(loader, c);
        if (!text)
            return LOAD_MEMORY;
        if (c->failed)
            return LOAD_DAMAGED;
        s->strings[++s->string_count] = text;
    }
    return LOAD_OK;
}

static enum load_status types(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t count;
    if (!continues(c, s->type_count, 4, &count))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &s->types, &load->type_room, (uint64_t)s->type_count + count + 1,
                   sizeof *s->types))
        return LOAD_MEMORY;
    for (; count; count--) {
        struct type_info type;
        type.name = s->strings[cursor_id(c, s->string_count)];
        type.flags = (uint32_t)cursor_varint(c);
        type.basic_size = cursor_varint(c);
        type.item_size = cursor_varint(c);
        if (c->failed)
            return LOAD_DAMAGED;
        type.name = type_rename(loader->arena, type.name);
        if (!type.name)
            return LOAD_MEMORY;
        s->types[++s->type_count] = type;
    }
    return LOAD_OK;
}

static enum load_status roots(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t count = cursor_count(c, 6), records = count;
    if (c->failed)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &s->roots, &load->root_room, (uint64_t)s->root_count + count,
                   sizeof *s->roots))
        return LOAD_MEMORY;
    for (; count; count--) {
        struct root root = {.thread = ""};
        root.kind = cursor_saturated(c);
        root.target = cursor_id(c, NO_ID - 1);
        root.name = s->strings[cursor_id(c, s->string_count)];
        root.function = s->strings[cursor_id(c, s->string_count)];
        root.file = s->strings[cursor_id(c, s->string_count)];
        root.line = cursor_saturated(c);
        if (c->failed)
            return LOAD_DAMAGED;
        if (root.target > load->max_root)
            load->max_root = root.target;
        s->roots[s->root_count++] = root;
    }
    if (!cursor_left(c))
        return LOAD_OK;
    uint32_t further = cursor_count(c, 2);
    if (further > records)
        return LOAD_DAMAGED;
    for (uint32_t i = 0; i < further; i++) {
        struct root *root = &s->roots[s->root_count - records + i];
        root->flags = cursor_saturated(c);
        root->thread = s->strings[cursor_id(c, s->string_count)];
    }
    return c->failed ? LOAD_DAMAGED : LOAD_OK;
}

static enum load_status values(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t count;
    if (!continues(c, s->value_count, 20, &count))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &s->values, &load->value_room, (uint64_t)s->value_count + count + 1,
                   sizeof *s->values))
        return LOAD_MEMORY;
    for (; count; count--) {
        struct value_info value;
        value.type = cursor_id(c, s->type_count);
        value.length = cursor_varint(c);
        const unsigned char *hash = cursor_bytes(c, sizeof value.hash);
        value.flags = (uint32_t)cursor_varint(c);
        struct cursor preview = cursor_part(c);
        if (c->failed)
            return LOAD_DAMAGED;
        memcpy(value.hash, hash, sizeof value.hash);
        value.preview = text_escape(loader->arena, preview.at, cursor_left(&preview),
                                    value.flags & OURO_VALUE_BYTES ? TEXT_BYTES : TEXT_VALUE);
        if (!value.preview)
            return LOAD_MEMORY;
        s->values[++s->value_count] = value;
    }
    return LOAD_OK;
}

static enum load_status members(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t count = cursor_count(c, 2), object_room = load->member_room;
    if (c->failed)
        return LOAD_DAMAGED;
    uint64_t need = (uint64_t)s->member_count + count;
    if (!load_grow(loader, &s->member_object, &object_room, need, sizeof *s->member_object) ||
        !load_grow(loader, &s->member_value, &load->member_room, need, sizeof *s->member_value))
        return LOAD_MEMORY;
    uint64_t object = 0, least = s->member_count ? load->max_member + 1 : 0;
    for (; count; count--) {
        object += cursor_bounded(c, NO_ID - 1 - object);
        uint32_t value = cursor_id(c, s->value_count);
        if (c->failed || object < least || value == 0)
            return LOAD_DAMAGED;
        s->member_object[s->member_count] = (uint32_t)object;
        s->member_value[s->member_count++] = value;
        load->max_member = object;
        least = object + 1;
    }
    return LOAD_OK;
}

enum load_status load_snapshot_chunk(struct loader *loader, struct snapshot_load *load,
                                     uint16_t type, struct cursor *c)
{
    switch (type) {
    case OURO_CHUNK_SNAPSHOT_BEGIN:
        return begin(load, c);
    case OURO_CHUNK_SNAPSHOT_STRINGS:
        return strings(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_TYPES:
        return types(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_OBJECTS:
        return load_objects(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_EDGES:
        return load_more_edges(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_FOUND:
        return load_found(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_SPARE:
        return load_spare(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_MEMORY:
        return load_memory(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_UNREACHED:
    case OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS:
        return load_unreached(loader, load, type, c);
    case OURO_CHUNK_SNAPSHOT_ROOTS:
        return roots(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_VALUES:
        return values(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_MEMBERS:
        return members(loader, load, c);
    case OURO_CHUNK_SNAPSHOT_END:
        return end(loader, load, c);
    default:
        return LOAD_UNKNOWN;
    }
}

static void drop_roots(struct snapshot *s)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->root_count; i++) {
        if (s->roots[i].target < s->object_count)
            s->roots[kept++] = s->roots[i];
    }
    s->root_count = kept;
}

/* What can only be told when everything has been read. */
static const char *check(const struct loader *loader, const struct snapshot_load *load)
{
    const struct snapshot *s = &load->model;
    if (!load->begun && !load->ended && !load->next_sequence)
        return "nothing of it was written";
    if (load->broken)
        return load->broken;
    if (!load->begun)
        return "its beginning is missing";
    if (!load->ended)
        return "its end is missing";
    if (!load->wanted)
        return NULL;
    if ((load->end_objects != UINT64_MAX && load->end_objects != s->object_count) ||
        (load->end_edges != UINT64_MAX && load->end_edges != s->edge_count + load->found_count))
        return "it does not hold as many objects and references as its end says";
    if (load->max_row > loader->process->row_count)
        return "an object refers to a row of the ledger that is not there";
    if (s->status != OURO_SNAPSHOT_COMPLETE) /* may refer to objects that it did not reach */
        return NULL;
    if (s->edge_count + load->found_count && load->max_target >= s->object_count)
        return "a reference leads to an object that is not there";
    if ((s->root_count && load->max_root >= s->object_count) ||
        (s->member_count && load->max_member >= s->object_count))
        return "a root or value names an object that is not there";
    return NULL;
}

static void count_bytes(struct snapshot *s)
{
    s->bytes = 0;
    for (uint32_t i = 0; i < s->object_count; i++)
        s->bytes += s->flags[i] & OURO_OBJECT_STATIC ? 0 : object_size(s, i);
}

static bool finish(struct loader *loader, struct snapshot_load *load)
{
    struct snapshot *s = &load->model;
    const char *broken = check(loader, load);
    s->whole = broken == NULL;
    s->loaded = load->wanted;
    s->objects = s->loaded ? s->object_count : load->end_objects;
    s->edges = s->loaded ? s->edge_count + load->found_count : load->end_edges;
    if (broken && !*s->text)
        s->text = broken;
    if (load->max_row > loader->process->row_count) {
        for (uint32_t i = 0; i < s->object_count; i++) {
            if (s->row[i] > loader->process->row_count)
                s->row[i] = 0;
        }
    }
    drop_roots(s);
    while (s->member_count && s->member_object[s->member_count - 1] >= s->object_count)
        s->member_count--;
    if (!load_found_finish(loader, load))
        return false;
    load_objects_finish(loader, load);
    if (s->loaded)
        count_bytes(s);
    load_shrink(loader, &s->strings, (uint64_t)s->string_count + 1, sizeof *s->strings);
    load_shrink(loader, &s->types, (uint64_t)s->type_count + 1, sizeof *s->types);
    load_shrink(loader, &s->roots, s->root_count, sizeof *s->roots);
    load_shrink(loader, &s->values, (uint64_t)s->value_count + 1, sizeof *s->values);
    load_shrink(loader, &s->member_object, s->member_count, sizeof *s->member_object);
    load_shrink(loader, &s->spares, s->spare_count, sizeof *s->spares);
    load_shrink(loader, &s->member_value, s->member_count, sizeof *s->member_value);
    return true;
}

static struct snapshot_load *snapshot_at(const struct loader *loader, uint32_t number)
{
    struct snapshot_load *const *place = sparse_find(&loader->snapshots, number);
    return place ? *place : NULL;
}

bool load_snapshots_finish(struct loader *loader)
{
    struct process *p = loader->process;
    uint32_t count = 0;
    for (uint32_t n = 0; n < loader->snapshots.end; n++)
        count += snapshot_at(loader, n) != NULL;
    p->snapshots = arena_alloc(loader->arena, count, sizeof *p->snapshots);
    p->shapes = arena_alloc(loader->arena, count, sizeof *p->shapes);
    if (!p->snapshots || !p->shapes)
        return false;
    for (uint32_t n = 0; n < loader->snapshots.end; n++) {
        struct snapshot_load *load = snapshot_at(loader, n);
        if (!load)
            continue;
        if (!finish(loader, load))
            return false;
        if (load->model.reason == OURO_SNAPSHOT_COLLECTION)
            p->shapes[p->shape_count++] = load->model;
        else
            p->snapshots[p->snapshot_count++] = load->model;
    }
    return true;
}
