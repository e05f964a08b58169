/* SPDX-License-Identifier: MIT */
#include "heap_shapes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t heap_random(const struct heap *heap, uint64_t a, uint64_t b, uint64_t below)
{
    uint64_t z =
        heap->seed * 0x2545f4914f6cdd1du + a * 0x9e3779b97f4a7c15u + b * 0xd1342543de82ef95u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

/* Addresses ascend but for neighbours that changed places, as in a heap that was used before. */
uint32_t heap_make(struct heap *heap, uint32_t type, uint64_t size, uint32_t flags, uint32_t row)
{
    uint64_t index = heap_objects(heap->writer), place = (index & ~63u) + (index * 37 + 11) % 64;
    struct heap_object object = {
        .type = type,
        .row = row,
        .flags = flags,
        .size = size,
        .address = UINT64_C(0x7f0000000000) + place * 64,
        .birth = heap->clock += size,
    };
    heap->row_objects[row]++;
    return heap_object(heap->writer, &object);
}

uint32_t heap_label(struct heap *heap, enum ouro_label_kind kind, const char *name)
{
    return kind | build_snapshot_string(heap->snapshot, name) << OURO_LABEL_SHIFT;
}

uint32_t heap_type(struct heap *heap, const char *name, uint32_t flags)
{
    return build_type(heap->snapshot, name, flags);
}

uint32_t heap_row(struct heap *heap, uint32_t function, uint32_t line, uint64_t size)
{
    char name[32];
    snprintf(name, sizeof name, "make_%u", (unsigned)function);
    uint32_t main_ = build_function(heap->builder, "app.py", "<module>", 1);
    uint32_t site = build_site(heap->builder, 0, main_, 900);
    site =
        build_site(heap->builder, site, build_function(heap->builder, "app.py", name, line), line);
    return heap->rows = build_row(heap->builder, site, size, OURO_ROW_OBJECT);
}

/* A module of which everything that lives hangs: the object before its table of names. */
static void prelude(struct heap *heap)
{
    uint32_t module = heap_make(heap, heap->type_module, 72, OURO_OBJECT_TRACKED, 0);
    heap_edge(heap->writer, module + 1, OURO_LABEL_NAMESPACE);
    heap_root(heap->writer, OURO_ROOT_MODULE, module, "app", NULL, NULL, 0);
    heap->module_dict =
        heap_make(heap, heap->type_dict, 1184, OURO_OBJECT_TRACKED | OURO_OBJECT_NAMESPACE, 0);
}

struct plain {
    uint32_t class, row, label, label2, row2;
};

static struct plain *plain_new(struct heap *heap)
{
    struct plain *p = heap->state = calloc(1, sizeof *p);
    if (!p)
        abort();
    return p;
}

static uint64_t and_module(uint64_t count)
{
    return count + 3;
}

/* list: a chain of nodes, and the same as a ring with a way back that nothing holds */

static void list_define(struct heap *heap)
{
    struct plain *p = plain_new(heap);
    p->class = heap_type(heap, "app.Node", HEAP_CLASS);
    p->row = heap_row(heap, 1, 10, 48);
    p->label = heap_label(heap, OURO_LABEL_ATTRIBUTE, "next");
    p->label2 = heap_label(heap, OURO_LABEL_ATTRIBUTE, "previous");
}

static void list_make(struct heap *heap)
{
    const struct plain *p = heap->state;
    prelude(heap);
    heap_edge(heap->writer, heap->module_dict + 1, p->label);
    for (uint64_t i = 0; i < heap->count; i++) {
        uint32_t o = heap_make(heap, p->class, 48, OURO_OBJECT_TRACKED, p->row);
        if (i + 1 < heap->count)
            heap_edge(heap->writer, o + 1, p->label);
    }
}

static void ring_make(struct heap *heap)
{
    const struct plain *p = heap->state;
    prelude(heap);
    for (uint64_t i = 0; i < heap->count; i++) {
        uint32_t o = heap_make(heap, p->class, 48, OURO_OBJECT_TRACKED, p->row);
        uint32_t first = o - (uint32_t)i, last = first + (uint32_t)heap->count - 1;
        heap_edge(heap->writer, o == last ? first : o + 1, p->label);
        heap_edge(heap->writer, o == first ? last : o - 1, p->label2);
    }
}

/* dict: one dict with keys and values */

static void dict_define(struct heap *heap)
{
    struct plain *p = plain_new(heap);
    p->row = heap_row(heap, 1, 10, 56);
    p->row2 = heap_row(heap, 2, 20, 32);
    p->label = heap_label(heap, OURO_LABEL_ATTRIBUTE, "TABLE");
}

static uint64_t dict_objects(uint64_t count)
{
    return 2 * count + 3;
}

static void dict_make(struct heap *heap)
{
    const struct plain *p = heap->state;
    prelude(heap);
    heap_edge(heap->writer, heap->module_dict + 1, p->label);
    uint64_t size = 64 + 104 * heap->count / 3;
    uint32_t dict = heap_make(heap, heap->type_dict, size, OURO_OBJECT_TRACKED, 0);
    for (uint64_t i = 0; i < heap->count; i++) {
        heap_edge(heap->writer, dict + 1 + 2 * (uint32_t)i, OURO_LABEL_KEY_OBJECT);
        heap_edge(heap->writer, dict + 2 + 2 * (uint32_t)i, OURO_LABEL_KEY);
    }
    for (uint64_t i = 0; i < heap->count; i++) {
        heap_make(heap, heap->type_str, 56, 0, p->row);
        heap_make(heap, heap->type_int, 32, 0, p->row2);
    }
}

/* tuple: each holds the next */

static void tuple_define(struct heap *heap)
{
    struct plain *p = plain_new(heap);
    p->row = heap_row(heap, 1, 10, 48);
    p->label = heap_label(heap, OURO_LABEL_ATTRIBUTE, "nested");
}

static void tuple_make(struct heap *heap)
{
    const struct plain *p = heap->state;
    prelude(heap);
    heap_edge(heap->writer, heap->module_dict + 1, p->label);
    for (uint64_t i = 0; i < heap->count; i++) {
        uint32_t o = heap_make(heap, heap->type_tuple, 48, OURO_OBJECT_TRACKED, p->row);
        if (i + 1 < heap->count)
            heap_edge(heap->writer, o + 1, OURO_LABEL_INDEX);
    }
}

/* cycles: leaked pairs of nodes, in a thousand shapes, with tables of attributes and what they hold */

#define CLASSES 50u
#define ATTRIBUTES 20u
#define CYCLE_OBJECTS 5u

struct cycles {
    uint32_t class[CLASSES], row[CLASSES], leaf_row, label[ATTRIBUTES], name;
};

static void cycles_define(struct heap *heap)
{
    struct cycles *c = heap->state = calloc(1, sizeof *c);
    char text[32];
    if (!c)
        abort();
    for (unsigned n = 0; n < CLASSES; n++) {
        snprintf(text, sizeof text, "app.kind%02u.Node", n);
        c->class[n] = heap_type(heap, text, HEAP_CLASS);
        c->row[n] = heap_row(heap, n, 10 * n + 5, 56);
    }
    for (unsigned n = 0; n < ATTRIBUTES; n++) {
        snprintf(text, sizeof text, "peer_%02u", n);
        c->label[n] = heap_label(heap, OURO_LABEL_ATTRIBUTE, text);
    }
    c->name = heap_label(heap, OURO_LABEL_ATTRIBUTE, "name");
    c->leaf_row = heap_row(heap, CLASSES, 999, 56);
}

static uint64_t cycles_objects(uint64_t count)
{
    return CYCLE_OBJECTS * count + 2;
}

static void cycles_make(struct heap *heap)
{
    const struct cycles *c = heap->state;
    const uint32_t tracked = OURO_OBJECT_TRACKED, table = tracked | OURO_OBJECT_NAMESPACE;
    prelude(heap);
    uint32_t first = (uint32_t)heap_objects(heap->writer);
    uint32_t leaf = first + (CYCLE_OBJECTS - 1) * (uint32_t)heap->count;
    for (uint64_t i = 0; i < heap->count; i++) {
        uint32_t shape = (uint32_t)(i % (CLASSES * ATTRIBUTES));
        uint32_t class = shape % CLASSES, other = (class + shape / CLASSES) % CLASSES;
        uint32_t node = heap_make(heap, c->class[class], 56, tracked, c -> row[class]);
        heap_edge(heap->writer, node + 1, OURO_LABEL_NAMESPACE);
        heap_make(heap, heap->type_dict, 104, table, c->row[class]);
        heap_edge(heap->writer, node + 2, c->label[shape / CLASSES]);
        heap_edge(heap->writer, leaf + (uint32_t)i, c->name);
        heap_make(heap, c->class[other], 56, tracked, c -> row[other]);
        heap_edge(heap->writer, node + 3, OURO_LABEL_NAMESPACE);
        heap_make(heap, heap->type_dict, 104, table, c->row[other]);
        heap_edge(heap->writer, node, c->label[0]);
    }
    for (uint64_t i = 0; i < heap->count; i++)
        heap_make(heap, heap->type_str, 56, 0, c->leaf_row);
}

/* tangle: one leaked component in which everything refers to anything, by a thousand kinds of steps */

static uint64_t tangle_objects(uint64_t count)
{
    return count + 2;
}

static void tangle_make(struct heap *heap)
{
    const struct cycles *c = heap->state;
    prelude(heap);
    uint32_t first = (uint32_t)heap_objects(heap->writer);
    for (uint64_t i = 0; i < heap->count; i++) {
        uint32_t class = (uint32_t)heap_random(heap, i, 1, CLASSES);
        heap_make(heap, c->class[class], 56, OURO_OBJECT_TRACKED, c -> row[class]);
        /* The first keeps it in one piece. */
        heap_edge(heap->writer, first + (uint32_t)((i + 1) % heap->count), c->label[0]);
        for (uint64_t n = 0; n < 2; n++)
            heap_edge(heap->writer, first + (uint32_t)heap_random(heap, i, 2 + n, heap->count),
                      c->label[heap_random(heap, i, 4 + n, ATTRIBUTES)]);
    }
}

/* loop: one leaked cycle without a short cut, of steps that do not repeat in any order */

static void loop_make(struct heap *heap)
{
    const struct cycles *c = heap->state;
    prelude(heap);
    uint32_t first = (uint32_t)heap_objects(heap->writer);
    for (uint64_t i = 0; i < heap->count; i++) {
        uint32_t class = (uint32_t)heap_random(heap, i, 1, CLASSES);
        heap_make(heap, c->class[class], 56, OURO_OBJECT_TRACKED, c -> row[class]);
        heap_edge(heap->writer, first + (uint32_t)((i + 1) % heap->count),
                  c->label[heap_random(heap, i, 2, ATTRIBUTES)]);
    }
}

static const struct heap_shape shapes[] = {
    {"list", "nodes of a linked list", and_module, list_define, list_make},
    {"ring", "nodes of a leaked ring, linked both ways", and_module, list_define, ring_make},
    {"dict", "items of one dict", dict_objects, dict_define, dict_make},
    {"tuple", "tuples, each in the one before", and_module, tuple_define, tuple_make},
    {"cycles", "leaked cycles in 1,000 shapes", cycles_objects, cycles_define, cycles_make},
    {"loop", "objects of one leaked cycle of mixed classes", tangle_objects, cycles_define,
     loop_make},
    {"tangle", "leaked nodes that refer to any others", tangle_objects, cycles_define, tangle_make},
};

const struct heap_shape *heap_shape_at(unsigned number)
{
    if (number == 0)
        return &heap_shape_program;
    return number <= sizeof shapes / sizeof *shapes ? &shapes[number - 1] : NULL;
}

const struct heap_shape *heap_shape_find(const char *name)
{
    const struct heap_shape *shape;
    for (unsigned n = 0; (shape = heap_shape_at(n)); n++) {
        if (!strcmp(shape->name, name))
            return shape;
    }
    return NULL;
}
