/* SPDX-License-Identifier: MIT */
/*
 * What was allocated where over the whole run, and how it died: the ledger's rows of objects, summed
 * up by place and type. The type of a row is that of its objects in the snapshot; where none of them
 * is alive it is not known.
 */
#ifndef OURO_ANALYZER_CHURN_H
#define OURO_ANALYZER_CHURN_H

#include "model/sites.h"
#include "model/type_order.h"

struct churn_site {
    uint32_t site;    /* 0: not known */
    const char *type; /* NULL: not known */
    uint64_t allocations, bytes, alive;
    uint64_t deaths[3]; /* reference count, collector, shutdown */
};

struct churn {
    uint64_t allocations, bytes;
    struct churn_site *sites; /* most bytes first, then by place and type */
    uint32_t site_count;
    struct churn_site *lines; /* the same by line and type, whoever called: site is one of them */
    uint32_t line_count;
};

/* snapshot and order may be NULL. Returns 0, or -1 without memory; released by churn_free() either
 * way. */
int churn_sum(const struct process *process, const struct snapshot *snapshot,
              const struct type_order *order, const struct site_table *sites, struct churn *churn);
void churn_free(struct churn *churn);

#endif
