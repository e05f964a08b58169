/* SPDX-License-Identifier: MIT */
/*
 * A heap like that of a program which holds records: in shards of a thousand, each an instance with
 * attributes, a list, a tuple and a dict of data, leaves of its own and leaves shared with others,
 * references to near records more often than to far ones. One record in a hundred is garbage: two of them
 * hold each other. Objects of the collector come first, in the order they were made, then the leaves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "heap_shapes.h"

#define SHARD 1000u   /* records */
#define CONTAINERS 5u /* objects of a record that the collector tracks */
#define LEAVES 7u     /* and others */
#define PARTS (CONTAINERS + LEAVES)
#define CLASSES 40u
#define SHARED 1000u /* strings */
#define NUMBERS 256u /* small integers, immortal */
#define PLACES 300u  /* where records are made */
#define FUNCTIONS 400u
#define NAMES_MOST 100000u /* different values of the attribute name */
#define TAGS 2000u

enum name { ID, NAME, TAGS_, PARENT, VALUES, KIND, NEXT, STATE, PRICE, OWNER, NAME_COUNT };

struct program {
    uint32_t class[CLASSES];
    uint32_t label[NAME_COUNT], attribute[CLASSES], shards_label;
    uint32_t row[PLACES][PARTS], shard_row;
    uint32_t names; /* values 1 … names are names, those behind tags */
    /* Objects. */
    uint32_t type_object, class_object, shared, number, shard_dict, records_first, leaves_first;
    uint64_t records;
};

static const uint64_t size_of[PARTS] = {56, 104, 88, 72, 232, 32, 56, 56, 56, 24, 24, 24};

/* Without records. */
static uint64_t base_objects(void)
{
    return 2 + 1 + CLASSES + SHARED + NUMBERS + 1;
}

static uint64_t program_objects(uint64_t count)
{
    return count;
}

/* As many as fit: records and their shards. */
static uint64_t records_of(uint64_t count)
{
    uint64_t base = base_objects();
    return count < base + PARTS + 1 ? 0 : (count - base) * SHARD / (PARTS * SHARD + 1);
}

static void sites_define(struct heap *heap, struct program *p)
{
    uint32_t function[FUNCTIONS], site[PLACES * 8];
    char file[32], name[48];
    for (unsigned f = 0; f < FUNCTIONS; f++) {
        snprintf(file, sizeof file, "app/part%02u.py", f / 10);
        snprintf(name, sizeof name, "Service%02u.handle_%03u", f / 10, f);
        function[f] = build_function(heap->builder, file, name, f % 10 * 100 + 1);
    }
    for (unsigned n = 0; n < PLACES * 8; n++) {
        unsigned parent = n / 2;
        uint32_t line = (uint32_t)heap_random(heap, n, 1, 1000) + 1;
        site[n] = build_site(heap->builder, n ? site[parent] : 0,
                             function[heap_random(heap, n, 2, FUNCTIONS)], line);
    }
    for (unsigned place = 0; place < PLACES; place++) {
        for (unsigned part = 0; part < PARTS; part++)
            p->row[place][part] = build_row(heap->builder, site[PLACES * 7 + place - part % 3],
                                            size_of[part], OURO_ROW_OBJECT);
    }
    heap->rows = p->shard_row = build_row(heap->builder, site[3], 56 + 8 * SHARD, OURO_ROW_OBJECT);
}

static void program_define(struct heap *heap)
{
    static const char *const names[NAME_COUNT] = {"id",   "name", "tags",  "parent",  "values",
                                                  "kind", "next", "state", "'price'", "'owner'"};
    struct program *p = heap->state = calloc(1, sizeof *p);
    char text[48];
    if (!p)
        abort();
    for (unsigned n = 0; n < NAME_COUNT; n++)
        p->label[n] = heap_label(heap, n < PRICE ? OURO_LABEL_ATTRIBUTE : OURO_LABEL_KEY, names[n]);
    p->shards_label = heap_label(heap, OURO_LABEL_ATTRIBUTE, "SHARDS");
    for (unsigned c = 0; c < CLASSES; c++) {
        snprintf(text, sizeof text, "app.models.Record%02u", c);
        p->class[c] = heap_type(heap, text, HEAP_CLASS);
        p->attribute[c] = heap_label(heap, OURO_LABEL_ATTRIBUTE, text + sizeof "app.models");
    }
    sites_define(heap, p);
    p->records = records_of(heap->count);
    p->names = (uint32_t)(p->records / 8 < NAMES_MOST ? p->records / 8 + 1 : NAMES_MOST);
    for (unsigned v = 0; v < p->names; v++) {
        snprintf(text, sizeof text, "customer %08u of the year", v * 7919u);
        build_value(heap->snapshot, heap->type_str, text);
    }
    for (unsigned v = 0; v < TAGS; v++) {
        snprintf(text, sizeof text, "tag-%04u", v);
        build_value(heap->snapshot, heap->type_str, text);
    }
}

static bool is_garbage(uint64_t record)
{
    return record % 200 == 10 || record % 200 == 11;
}

/* The object of a record; the next one that lives for one that does not. */
static uint32_t record_object(const struct program *p, uint64_t record)
{
    return p->records_first + (uint32_t)(record * CONTAINERS + record / SHARD + 1);
}

static uint32_t live_record(const struct program *p, uint64_t record)
{
    if (record >= p->records)
        record = p->records - 1;
    while (is_garbage(record))
        record = record ? record - 1 : 0;
    return record_object(p, record);
}

static uint32_t parent_of(const struct heap *heap, const struct program *p, uint64_t record)
{
    if (is_garbage(record))
        return record_object(p, record ^ 1);
    uint64_t first = record - record % SHARD, r = heap_random(heap, record, 3, 8);
    if (r == 0 && record)
        return live_record(p, heap_random(heap, record, 4, record));
    uint64_t back = 1 + heap_random(heap, record, 5, 64);
    return live_record(p, record - first > back ? record - back : first);
}

/* A record near by, now and then any. */
static uint32_t friend_of(const struct heap *heap, const struct program *p, uint64_t record,
                          uint64_t number)
{
    if (is_garbage(record))
        return record_object(p, record ^ number);
    if (number && heap_random(heap, record, 6, 4) == 0)
        return live_record(p, heap_random(heap, record, 7, p->records));
    uint64_t step = heap_random(heap, record, 8 + number, 2048);
    return live_record(p, record + step > 1024 ? record + step - 1024 : 0);
}

static uint32_t shared_of(const struct heap *heap, const struct program *p, uint64_t record,
                          uint64_t number)
{
    /* A few are used by most. */
    uint64_t r = heap_random(heap, record, 20 + number, SHARED);
    return p->shared + (uint32_t)(r * r / SHARED);
}

static uint32_t number_of(const struct heap *heap, const struct program *p, uint64_t record)
{
    return p->number + (uint32_t)heap_random(heap, record, 30, NUMBERS);
}

static const uint32_t *place_of(const struct heap *heap, const struct program *p, uint64_t record)
{
    return p->row[heap_random(heap, record / 16, 40, PLACES)];
}

static void record_make(struct heap *heap, const struct program *p, uint64_t record)
{
    struct heap_writer *w = heap->writer;
    const uint32_t *row = place_of(heap, p, record);
    uint32_t tracked = OURO_OBJECT_TRACKED | 3u << OURO_OBJECT_GENERATION_SHIFT;
    uint32_t leaf = p->leaves_first + (uint32_t)record * LEAVES;
    uint32_t class = (uint32_t)heap_random(heap, record / 16, 41, CLASSES);

    uint32_t o = heap_make(heap, p->class[class], size_of[0], tracked, row[0]);
    heap_edge(w, p->class_object + class, OURO_LABEL_TYPE);
    heap_edge(w, o + 1, OURO_LABEL_NAMESPACE);

    heap_make(heap, heap->type_dict, size_of[1], tracked | OURO_OBJECT_NAMESPACE, row[1]);
    heap_edge(w, leaf, p->label[ID]);
    heap_edge(w, leaf + 1, p->label[NAME]);
    heap_edge(w, o + 2, p->label[TAGS_]);
    heap_edge(w, parent_of(heap, p, record), p->label[PARENT]);
    heap_edge(w, o + 3, p->label[VALUES]);
    heap_edge(w, shared_of(heap, p, record, 0), p->label[KIND]);
    heap_edge(w, friend_of(heap, p, record, 0), p->label[NEXT]);
    heap_edge(w, number_of(heap, p, record), p->label[STATE]);

    heap_make(heap, heap->type_list, size_of[2], tracked, row[2]);
    heap_edge(w, leaf + 2, OURO_LABEL_INDEX);
    heap_edge(w, leaf + 3, OURO_LABEL_INDEX);
    heap_edge(w, o + 4, OURO_LABEL_INDEX);
    heap_edge(w, friend_of(heap, p, record, 0), OURO_LABEL_INDEX);
    heap_edge(w, friend_of(heap, p, record, 1), OURO_LABEL_INDEX);

    heap_make(heap, heap->type_tuple, size_of[3], tracked, row[3]);
    heap_edge(w, leaf + 4, OURO_LABEL_INDEX);
    heap_edge(w, leaf + 5, OURO_LABEL_INDEX);
    heap_edge(w, shared_of(heap, p, record, 1), OURO_LABEL_INDEX);
    heap_edge(w, number_of(heap, p, record), OURO_LABEL_INDEX);

    heap_make(heap, heap->type_dict, size_of[4], tracked, row[4]);
    heap_edge(w, p->shared, OURO_LABEL_KEY_OBJECT);
    heap_edge(w, leaf + 6, p->label[PRICE]);
    heap_edge(w, p->shared + 1, OURO_LABEL_KEY_OBJECT);
    heap_edge(w, shared_of(heap, p, record, 2), p->label[OWNER]);
}

static void shard_make(struct heap *heap, const struct program *p, uint64_t first)
{
    uint64_t end = first + SHARD < p->records ? first + SHARD : p->records;
    heap_make(heap, heap->type_list, 56 + 8 * SHARD, OURO_OBJECT_TRACKED, p->shard_row);
    for (uint64_t record = first; record < end; record++) {
        if (!is_garbage(record))
            heap_edge(heap->writer, record_object(p, record), OURO_LABEL_INDEX);
    }
    for (uint64_t record = first; record < end; record++)
        record_make(heap, p, record);
}

static void leaves_make(struct heap *heap, const struct program *p, uint64_t record)
{
    const uint32_t *row = place_of(heap, p, record);
    uint32_t type[LEAVES] = {heap->type_int,   heap->type_str,   heap->type_str,  heap->type_str,
                             heap->type_float, heap->type_float, heap->type_float};
    for (unsigned leaf = 0; leaf < LEAVES; leaf++) {
        unsigned part = CONTAINERS + leaf;
        uint32_t o = heap_make(heap, type[leaf], size_of[part], 0, row[part]);
        if (leaf == 1)
            heap_member(heap->writer, o, 1 + (uint32_t)heap_random(heap, record, 50, p->names));
        else if (leaf == 2 || leaf == 3)
            heap_member(heap->writer, o,
                        p->names + 1 + (uint32_t)heap_random(heap, record, 50 + leaf, TAGS));
    }
}

static void program_make(struct heap *heap)
{
    struct program *p = heap->state;
    struct heap_writer *w = heap->writer;
    const uint32_t fixed = OURO_OBJECT_STATIC | OURO_OBJECT_IMMORTAL;
    uint64_t shards = (p->records + SHARD - 1) / SHARD;
    uint32_t module = heap_make(heap, heap->type_module, 72, OURO_OBJECT_TRACKED, 0);
    heap_edge(w, module + 1, OURO_LABEL_NAMESPACE);
    heap_root(w, OURO_ROOT_MODULE, module, "app", NULL, NULL, 0);

    p->type_object = module + 2;
    p->class_object = p->type_object + 1;
    p->shared = p->class_object + CLASSES;
    p->number = p->shared + SHARED;
    p->shard_dict = p->number + NUMBERS;
    p->records_first = p->shard_dict + 1;
    p->leaves_first = p->records_first + (uint32_t)(p->records * CONTAINERS + shards);

    heap_make(heap, heap->type_dict, 1184, OURO_OBJECT_TRACKED | OURO_OBJECT_NAMESPACE, 0);
    heap_edge(w, p->shard_dict, p->shards_label);
    for (uint32_t c = 0; c < CLASSES; c++)
        heap_edge(w, p->class_object + c, p->attribute[c]);
    heap_make(heap, heap->type_type, 408, fixed | OURO_OBJECT_TRACKED, 0);
    for (uint32_t c = 0; c < CLASSES; c++) {
        heap_make(heap, heap->type_type, 1072, OURO_OBJECT_TRACKED, 0);
        heap_edge(w, p->type_object, OURO_LABEL_TYPE);
    }
    for (uint32_t n = 0; n < SHARED; n++) {
        uint32_t o = heap_make(heap, heap->type_str, 56, OURO_OBJECT_INTERNED, 0);
        heap_hold(w, o, 1);
    }
    for (uint32_t n = 0; n < NUMBERS; n++)
        heap_make(heap, heap->type_int, 32, fixed, 0);
    heap_make(heap, heap->type_dict, 64 + 50 * shards, OURO_OBJECT_TRACKED, 0);
    for (uint64_t s = 0; s < shards; s++) {
        heap_edge(w, p->number + (uint32_t)(s % NUMBERS), OURO_LABEL_KEY_OBJECT);
        heap_edge(w, p->records_first + (uint32_t)(s * (SHARD * CONTAINERS + 1)), OURO_LABEL_KEY);
    }
    for (uint64_t record = 0; record < p->records; record += SHARD)
        shard_make(heap, p, record);
    for (uint64_t record = 0; record < p->records; record++)
        leaves_make(heap, p, record);
}

const struct heap_shape heap_shape_program = {
    "program",       "objects of a heap like a program's, with twice as many references",
    program_objects, program_define,
    program_make,
};
