/* SPDX-License-Identifier: MIT */
/*
 * Cycles that the collector frees: nothing leaks, but it has to look for them. From photographs of what
 * some collections were about to free, which say what kinds there are and in which proportion, and
 * from the ledger, which counts every object that died by the collector at each line.
 */
#ifndef OURO_ANALYZER_SHAPES_H
#define OURO_ANALYZER_SHAPES_H

#include "analysis/churn.h"
#include "cycles/cycles.h"
#include "load/snapshot_set.h"

struct shape {
    /* Of the first collection that had it, but count and sites, which are of all looked at. */
    struct cycle_group group;
    uint32_t looks; /* collections that had it */
    /* Estimates. */
    double cycles;   /* in the whole run */
    double per_hour; /* 0: how long the run took is not known */
    bool by_deaths;  /* from the deaths of the objects; else from the number of collections */
};

struct shapes {
    bool wanted;         /* collections were to be looked at */
    uint32_t looks;      /* whole ones */
    uint32_t empty;      /* that had no cycles */
    uint64_t examined;   /* objects of the generations looked at */
    uint64_t runs;       /* collections in all */
    double limit;        /* of the run's time, 0 … 1 */
    double share;        /* used */
    struct shape *items; /* most cycles first */
    uint32_t count;
    struct arena *arena;
    /* What the items refer to. */
    struct snapshot_set set;
    struct cycles *parts;
    uint32_t part_count;
};

/*
 * Reads the process's trace once more. churn is of all sites; run_time in ns; runs: collections in the
 * run. Returns 0, or -1 without memory; what cannot be read is left out. Released by shapes_free()
 * either way.
 */
int shapes_find(const struct process *process, const struct site_table *sites,
                const struct churn *churn, uint64_t run_time, uint64_t runs, struct shapes *shapes);
void shapes_free(struct shapes *shapes);

#endif
