/* SPDX-License-Identifier: MIT */
#include "heap_writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "ouro/varint.h"

/* As the recorder does. */
#define OBJECTS_PER_CHUNK 65536u
#define EDGES_PER_CHUNK ((uint64_t)1 << 20)
#define OBJECT_EDGES_PER_CHUNK ((uint64_t)1 << 17)
#define MEMBERS_PER_CHUNK ((uint64_t)1 << 20)

/* A column of the chunk being gathered, grown ahead. */
struct column {
    unsigned char *bytes;
    size_t size, room;
};

struct heap_writer {
    struct builder *builder;
    struct builder_snapshot *snapshot;
    int fd;
    bool writing;
    uint64_t limit;       /* objects there is room for */
    uint32_t *references; /* object → its reference count */
    uint64_t objects, edges;
    /* The chunk. */
    struct column columns[OURO_COLUMN_COUNT];
    uint64_t first, first_edge;        /* of the chunk */
    uint64_t object_edges, in_columns; /* of the last object: all, and those counted in its chunk */
    bool more;                         /* the chunk is SNAPSHOT_EDGES of the last object */
    uint64_t address, birth;           /* of the last object */
    uint64_t members;                  /* not written yet */
};

static void column_put(struct column *c, uint64_t value)
{
    if (c->room - c->size < OURO_VARINT_MAX) {
        size_t room = c->room ? c->room * 2 : 4096;
        c->bytes = realloc(c->bytes, room);
        if (!c->bytes)
            abort();
        c->room = room;
    }
    c->size += ouro_varint_put(c->bytes + c->size, value);
}

static void column_put_signed(struct column *c, int64_t value)
{
    column_put(c, ouro_zigzag(value));
}

struct heap_writer *heap_writer_new(struct builder *b, struct builder_snapshot *s, int fd,
                                    uint64_t objects)
{
    struct heap_writer *w = calloc(1, sizeof *w);
    if (!w || objects > UINT32_MAX - 1)
        abort();
    w->builder = b;
    w->snapshot = s;
    w->fd = fd;
    w->limit = objects;
    w->references = calloc(objects + 1, sizeof *w->references);
    if (!w->references)
        abort();
    return w;
}

void heap_writer_write(struct heap_writer *w)
{
    build_snapshot_flush(w->snapshot); /* definitions come before their use */
    build_drain(w->builder, w->fd);
    w->writing = true;
    w->objects = w->edges = 0;
}

static void column_take(struct heap_writer *w, struct payload *p, unsigned column)
{
    struct column *c = &w->columns[column];
    payload_varint(p, c->size);
    payload_bytes(p, c->bytes, c->size);
    c->size = 0;
}

/* Ends the chunk that is being gathered. */
static void chunk_end(struct heap_writer *w)
{
    struct payload p = {0};
    if (!w->more && w->objects > w->first) {
        column_put(&w->columns[OURO_COLUMN_EDGES], w->object_edges);
        payload_varint(&p, w->first);
        payload_varint(&p, w->objects - w->first);
        for (unsigned i = 0; i < OURO_COLUMN_COUNT; i++)
            column_take(w, &p, i);
    } else if (w->more && w->in_columns) {
        payload_varint(&p, w->objects - 1);
        payload_varint(&p, w->in_columns);
        column_take(w, &p, OURO_COLUMN_TARGET);
        column_take(w, &p, OURO_COLUMN_LABEL);
    }
    if (p.size) {
        build_chunk(w->builder, w->more ? OURO_CHUNK_SNAPSHOT_EDGES : OURO_CHUNK_SNAPSHOT_OBJECTS,
                    OURO_CHUNK_ZSTD, build_snapshot_number(w->snapshot), p.bytes, p.size);
        payload_clear(&p);
        build_drain(w->builder, w->fd);
    }
    w->first = w->objects;
    w->first_edge = w->edges;
    w->in_columns = w->object_edges = w->address = w->birth = 0;
    w->more = false;
}

uint32_t heap_object(struct heap_writer *w, const struct heap_object *object)
{
    if (w->objects == w->limit)
        abort();
    uint32_t index = (uint32_t)w->objects;
    if (!w->writing) {
        w->objects++;
        return index;
    }
    if (w->more || w->objects - w->first == OBJECTS_PER_CHUNK ||
        w->edges - w->first_edge >= EDGES_PER_CHUNK)
        chunk_end(w);
    else if (w->objects > w->first)
        column_put(&w->columns[OURO_COLUMN_EDGES], w->object_edges);
    w->object_edges = 0;
    struct column *c = w->columns;
    uint64_t birth = object->birth / OURO_CLOCK_UNIT;
    bool immortal = object->flags & OURO_OBJECT_IMMORTAL;
    column_put_signed(&c[OURO_COLUMN_ADDRESS], (int64_t)(object->address - w->address));
    column_put(&c[OURO_COLUMN_TYPE], object->type);
    column_put(&c[OURO_COLUMN_SIZE], object->size);
    column_put(&c[OURO_COLUMN_REFCOUNT], immortal ? 0 : w->references[index]);
    column_put(&c[OURO_COLUMN_FLAGS], object->flags);
    column_put(&c[OURO_COLUMN_ROW], object->row);
    column_put_signed(&c[OURO_COLUMN_BIRTH], (int64_t)(birth - w->birth));
    w->address = object->address;
    w->birth = birth;
    w->objects++;
    return index;
}

void heap_edge(struct heap_writer *w, uint32_t target, uint32_t label)
{
    w->edges++;
    if (!w->writing) {
        if (target >= w->limit)
            abort();
        w->references[target]++;
        return;
    }
    if ((w->more ? w->in_columns : w->object_edges) == OBJECT_EDGES_PER_CHUNK) {
        uint64_t edges = w->edges;
        w->edges--;
        chunk_end(w);
        w->edges = edges;
        w->more = true;
    }
    int64_t step = (int64_t)target - ((int64_t)w->objects - 1);
    column_put_signed(&w->columns[OURO_COLUMN_TARGET], step);
    column_put(&w->columns[OURO_COLUMN_LABEL], label);
    if (w->more)
        w->in_columns++;
    else
        w->object_edges++;
}

void heap_hold(struct heap_writer *w, uint32_t object, uint32_t references)
{
    if (!w->writing)
        w->references[object] += references;
}

void heap_root(struct heap_writer *w, enum ouro_root_kind kind, uint32_t object, const char *name,
               const char *function, const char *file, uint32_t line)
{
    if (w->writing)
        build_root(w->snapshot, kind, object, name, function, file, line);
    else
        w->references[object]++;
}

void heap_member(struct heap_writer *w, uint32_t object, uint32_t value)
{
    if (!w->writing)
        return;
    build_member(w->snapshot, object, value);
    if (++w->members == MEMBERS_PER_CHUNK) {
        w->members = 0;
        build_snapshot_flush(w->snapshot);
        build_drain(w->builder, w->fd);
    }
}

uint64_t heap_objects(const struct heap_writer *w)
{
    return w->objects;
}

uint64_t heap_edges(const struct heap_writer *w)
{
    return w->edges;
}

void heap_writer_end(struct heap_writer *w)
{
    struct payload p = {0};
    chunk_end(w);
    build_snapshot_flush(w->snapshot);
    payload_int_field(&p, OURO_SNAPSHOT_END_STATUS, OURO_SNAPSHOT_COMPLETE);
    payload_int_field(&p, OURO_SNAPSHOT_END_OBJECTS, w->objects);
    payload_int_field(&p, OURO_SNAPSHOT_END_EDGES, w->edges);
    build_chunk(w->builder, OURO_CHUNK_SNAPSHOT_END, 0, build_snapshot_number(w->snapshot), p.bytes,
                p.size);
    payload_clear(&p);
    build_drain(w->builder, w->fd);
    for (unsigned i = 0; i < OURO_COLUMN_COUNT; i++)
        free(w->columns[i].bytes);
    free(w->references);
    free(w);
}
