/* SPDX-License-Identifier: MIT */
/*
 * Totals of a snapshot: objects, bytes, types, and how much of the heap has a known holder.
 */
#ifndef OURO_ANALYZER_HEAP_H
#define OURO_ANALYZER_HEAP_H

#include "cycles/garbage.h"
#include "model/type_order.h"

struct heap_type {
    const char *type;
    uint64_t count, bytes;
    uint64_t tracked; /* of count: known to the collector */
};

struct heap {
    uint64_t objects; /* all there are, those outside the heap (static) included */
    uint64_t bytes;   /* of the heap blocks objects own */
    uint64_t native;  /* of bytes: memory that C code has from malloc */
    uint64_t edges;
    uint64_t tracked;
    /*
     * Share of bytes whose holder is known: a chain of references leads there from a named root, an
     * immortal, static or interned object; or the object is dead. The rest hangs below objects
     * that something unknown refers to. 0 … 1.
     */
    double coverage;
    struct heap_type *types; /* most bytes first, then by name */
    uint32_t type_count;
};

/* Returns 0, or -1 without memory; released by heap_free() either way. */
int heap_measure(const struct snapshot *snapshot, const struct type_order *order,
                 const struct garbage *garbage, struct heap *heap);
void heap_free(struct heap *heap);

#endif
