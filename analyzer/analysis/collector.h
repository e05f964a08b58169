/* SPDX-License-Identifier: MIT */
/*
 * What the cyclic collector did during the run: its runs by generation, the time they took, and whose
 * objects it freed. Objects count for the collector when they died while it ran, by its thread: what
 * it found, and all that went with it.
 */
#ifndef OURO_ANALYZER_COLLECTOR_H
#define OURO_ANALYZER_COLLECTOR_H

#include "analysis/churn.h"

#define COLLECTOR_GENERATIONS 4u

struct generation {
    uint64_t runs;           /* as many as are known of, from records or the runtime's own count */
    uint64_t recorded;       /* runs with a record */
    uint64_t timed;          /* records that have a pause */
    uint64_t pause, longest; /* ns, of these */
    uint64_t objects;        /* collected, as the runtime counts them */
    uint64_t blocks, bytes;  /* freed */
};

/* Objects of one type that the collector freed. */
struct collected_type {
    const char *type; /* NULL: not known */
    uint64_t objects, bytes;
};

struct collector {
    struct generation generations[COLLECTOR_GENERATIONS]; /* youngest first */
    uint32_t generation_count;                            /* up to the oldest that ran */
    struct generation all;
    bool followed; /* false: this runtime's collector is not watched, nor its deaths told apart */
    uint64_t run_time; /* ns, of the whole recording */
    /* Freed by the collector: objects, by type (most objects first), and plain memory besides. */
    uint64_t objects, bytes, plain_blocks, plain_bytes;
    struct collected_type *types;
    uint32_t type_count;
    uint32_t *lines; /* of churn.by_line, those that it freed objects of: most objects first */
    uint32_t line_count;
};

/* Sums up, after churn_sum() and churn_rank(); snapshot may be NULL. Returns 0, or -1 without memory;
 * released by collector_free() either way. */
int collector_sum(const struct process *process, const struct snapshot *snapshot,
                  const struct churn *churn, struct collector *collector);
void collector_free(struct collector *collector);

/* Whether pauses are known of all recorded runs; otherwise sums of them are lower bounds. */
bool collector_all_timed(const struct generation *generation);

#endif
