/* SPDX-License-Identifier: MIT */
/*
 * Equal immutable objects kept several times, grouped by what holds them, and what one copy of each
 * would save. Equality is that of the trace: by exact type. Objects that are interned, immortal or
 * outside the heap are never a saving; they are what the others could be replaced by. Dead objects do
 * not count: they belong to the cycles report.
 */
#ifndef OURO_ANALYZER_INTERNING_H
#define OURO_ANALYZER_INTERNING_H

#include "cycles/garbage.h"
#include "model/sites.h"
#include "model/type_order.h"

/*
 * What an entry of the table that keeps the one copy costs, at most: a dict that has just grown is
 * one third full, so an entry takes 3 index slots of up to 4 bytes and the room of 2 entries of 24.
 * CPython's table of interned strings and a cache of one's own (cache.setdefault(x, x)) are such
 * dicts.
 */
#define INTERNING_ENTRY_BYTES 60u

/* The rule for advice: see interning_advice() and docs/reports.md. */
#define INTERNING_RATIO 10u
#define INTERNING_RATIO_MAYBE 2u
#define INTERNING_NET_FLOOR (64u << 10)

enum advice { ADVICE_INTERN, ADVICE_MAYBE, ADVICE_NO };

struct interning_example {
    const char *value; /* NULL when values are withheld */
    bool truncated;    /* value is only its beginning */
    bool bytes;        /* of a bytes object */
    uint64_t copies;
};

struct interning_group {
    const char *type;
    const char *holder;   /* "type.attr", "type[*]", "type['key']", … */
    uint64_t copies;      /* objects */
    uint64_t distinct;    /* values among them */
    uint64_t gross_bytes; /* of all copies but one of each value */
    uint64_t net_bytes;   /* less the table that keeps the one copy */
    enum advice advice;
    const char *fix;
    struct site_share *sites;
    uint32_t site_count;
    struct interning_example *examples; /* the values with most bytes */
    uint32_t example_count;
};

struct interning {
    /* Over all values, each counted once. Groups add up to less where they share a value. */
    uint64_t copies, distinct, gross_bytes, net_bytes;
    struct interning_group *groups; /* most net bytes first */
    uint32_t group_count;
    struct arena *arena;
};

/* heap_bytes is the size of the whole heap, which advice depends on. Returns 0, or -1 without memory;
 * released by interning_free() either way. */
int interning_find(const struct process *process, const struct snapshot *snapshot,
                   const struct type_order *order, const struct site_table *sites,
                   const struct garbage *garbage, uint64_t heap_bytes, struct interning *interning);
void interning_free(struct interning *interning);

enum advice interning_advice(uint64_t copies, uint64_t distinct, uint64_t net_bytes,
                             uint64_t heap_bytes);
const char *interning_advice_name(enum advice advice);

#endif
