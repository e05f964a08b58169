/* SPDX-License-Identifier: MIT */
/*
 * Heaps that are made up: one that is like a program's, and shapes that break what is recursive or
 * quadratic. The same shape, count and seed give the same trace, byte for byte.
 */
#ifndef OURO_BENCH_HEAP_SHAPES_H
#define OURO_BENCH_HEAP_SHAPES_H

#include "heap_writer.h"

/* What shapes are made with. */
struct heap {
    struct builder *builder;
    struct builder_snapshot *snapshot;
    struct heap_writer *writer;
    uint64_t count, seed;
    /* What every heap has: types by name, objects of them are made by heap_prelude(). */
    uint32_t type_type, type_module, type_dict, type_list, type_tuple, type_str, type_int,
        type_float;
    uint32_t module_dict; /* object: the table of names of module app */
    uint32_t rows;        /* defined so far */
    uint64_t *row_objects;
    uint64_t clock; /* bytes allocated by the objects so far */
    void *state;    /* of the shape */
};

struct heap_shape {
    const char *name, *what; /* what: of what there are `count` */
    /* Objects at most for that count. */
    uint64_t (*objects)(uint64_t count);
    /* Strings, types, sites, rows and values. */
    void (*define)(struct heap *heap);
    /* Makes all objects; called twice. */
    void (*make)(struct heap *heap);
};

/* By name, or NULL. */
const struct heap_shape *heap_shape_find(const char *name);
/* One after the other, then NULL. */
const struct heap_shape *heap_shape_at(unsigned number);
extern const struct heap_shape heap_shape_program;

/* The next object, at the next address. */
uint32_t heap_make(struct heap *heap, uint32_t type, uint64_t size, uint32_t flags, uint32_t row);
/* A label with a name. */
uint32_t heap_label(struct heap *heap, enum ouro_label_kind kind, const char *name);
uint32_t heap_type(struct heap *heap, const char *name, uint32_t flags);
/* A row for objects made in a line of app.py. */
uint32_t heap_row(struct heap *heap, uint32_t function, uint32_t line, uint64_t size);

#define HEAP_GC (OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR)
#define HEAP_CLASS (HEAP_GC | OURO_TYPE_HEAP | OURO_TYPE_USER)

/* A number below `below` (> 0) that depends on the seed and on two numbers. */
uint64_t heap_random(const struct heap *heap, uint64_t a, uint64_t b, uint64_t below);

#endif
