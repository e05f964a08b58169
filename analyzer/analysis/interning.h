/* SPDX-License-Identifier: MIT */
/*
 * Equal immutable objects kept several times, grouped by what holds them, by what made them or by
 * value, and what one copy of each would save. Equality is that of the trace: by exact type. Objects
 * that are interned, immortal or outside the heap are never a saving; they are what the others could
 * be replaced by. Dead objects do not count: they belong to the cycles report.
 */
#ifndef OURO_ANALYZER_INTERNING_H
#define OURO_ANALYZER_INTERNING_H

#include "analysis/intern_fix.h"
#include "cycles/garbage.h"
#include "model/sites.h"
#include "model/type_order.h"
#include "structure/worklist.h"

/* The rule for advice: see interning_advice() and docs/reports.md. */
#define INTERNING_RATIO 10u
#define INTERNING_RATIO_MAYBE 2u
#define INTERNING_NET_FLOOR (64u << 10)

enum advice { ADVICE_INTERN, ADVICE_MAYBE, ADVICE_NO };

enum interning_by { INTERNING_BY_HOLDER, INTERNING_BY_SITE, INTERNING_BY_VALUE };

/* What to look for. */
struct interning_query {
    enum interning_by by;
    const char *type; /* of this type only, unless it is NULL */
    uint64_t least;   /* groups of fewer net bytes are left out */
};

struct interning_example {
    const char *value; /* NULL when values are withheld */
    bool truncated;    /* value is only its beginning */
    bool bytes;        /* of a bytes object */
    uint64_t copies;
};

struct interning_holder {
    const char *holder;
    uint64_t copies;
};

struct interning_group {
    const char *type;
    const char *holder;   /* of most copies: "type.attr", "type[*]", "type['key']", … */
    uint64_t copies;      /* objects */
    uint64_t distinct;    /* values among them */
    uint64_t unique;      /* by holder: further objects there, each the only one of its value */
    uint64_t gross_bytes; /* of all copies but one of each value */
    uint64_t table_bytes; /* what the table takes that keeps the one copy */
    uint64_t net_bytes;   /* what the heap shrinks by: with all that dies with the copies */
    uint64_t net_objects; /* how many objects fewer there are then */
    uint64_t
        added_bytes; /* of net_bytes, what the advised groups before this do not save already */
    uint32_t number; /* private */
    enum advice advice;
    struct fix fix;
    struct site_share *sites;
    uint32_t site_count;
    struct interning_holder *holders; /* those with most copies */
    uint32_t holder_count;
    struct interning_example *examples; /* the values with most bytes */
    uint32_t example_count;
};

struct interning {
    struct interning_query query;
    /* Over all values, each counted once. Groups add up to less where they share a value. */
    uint64_t copies, distinct, gross_bytes, net_bytes;
    /* Of all groups whose advice is not ADVICE_NO together, nothing counted twice. */
    uint64_t advised_bytes;
    struct interning_group *groups; /* most net bytes first */
    uint32_t group_count;
    uint32_t left_out;            /* groups below query.least */
    struct worklist advised_dead; /* objects that are gone when all is done that is advised */
    struct arena *arena;
};

/* heap_bytes is the size of the whole heap, which advice depends on. Returns 0, or -1 without memory;
 * released by interning_free() either way. */
int interning_find(const struct process *process, const struct snapshot *snapshot,
                   const struct type_order *order, const struct site_table *sites,
                   const struct garbage *garbage, uint64_t heap_bytes,
                   const struct interning_query *query, struct interning *interning);
void interning_free(struct interning *interning);

enum advice interning_advice(uint64_t copies, uint64_t distinct, uint64_t net_bytes,
                             uint64_t heap_bytes);
const char *interning_advice_name(enum advice advice);
const char *interning_by_name(enum interning_by by);

#endif
