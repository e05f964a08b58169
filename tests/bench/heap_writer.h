/* SPDX-License-Identifier: MIT */
/*
 * Writes the snapshot of a heap of any size as it is being made up, object after object: nothing is
 * kept but the reference counts. What makes the heap runs twice, first to count, then to write, and
 * must say the same both times.
 *
 * The small parts (strings, types, sites, roots, values) go through the trace builder of the unit tests.
 * As there, misuse and failures end the program.
 */
#ifndef OURO_BENCH_HEAP_WRITER_H
#define OURO_BENCH_HEAP_WRITER_H

#include <stdint.h>

#include "trace_builder.h"

struct heap_writer;

struct heap_object {
    uint32_t type;  /* of build_type() */
    uint32_t row;   /* of build_row(), or 0 */
    uint32_t flags; /* enum ouro_object_flag */
    uint64_t size, address;
    uint64_t birth; /* bytes of the allocation clock */
};

/* A heap of up to `objects` objects, to be written to the snapshot of the trace, which goes to fd. */
struct heap_writer *heap_writer_new(struct builder *b, struct builder_snapshot *s, int fd,
                                    uint64_t objects);
/* From here on the heap is written; before, it is counted. */
void heap_writer_write(struct heap_writer *w);
/* Writes what is left and the end of the snapshot, and releases the writer. */
void heap_writer_end(struct heap_writer *w);

/* The next object; the references that follow are its own. Returns its index. */
uint32_t heap_object(struct heap_writer *w, const struct heap_object *object);
/* label is kind | flags | string << OURO_LABEL_SHIFT; indexes follow each other from 0. */
void heap_edge(struct heap_writer *w, uint32_t target, uint32_t label);

/* References that no edge accounts for. */
void heap_hold(struct heap_writer *w, uint32_t object, uint32_t references);
void heap_root(struct heap_writer *w, enum ouro_root_kind kind, uint32_t object, const char *name,
               const char *function, const char *file, uint32_t line);
/* Objects in ascending order. */
void heap_member(struct heap_writer *w, uint32_t object, uint32_t value);

/* Objects and references so far. */
uint64_t heap_objects(const struct heap_writer *w);
uint64_t heap_edges(const struct heap_writer *w);

#endif
