/* SPDX-License-Identifier: MIT */
/*
 * What was allocated where over the whole run, how it died and how soon: the ledger's rows of
 * objects, summed up by place and type, and once more by line whoever called it.
 *
 * All figures are whole numbers; those of sampled runs are estimates. allocations is the sum of all
 * deaths and alive.
 */
#ifndef OURO_ANALYZER_CHURN_H
#define OURO_ANALYZER_CHURN_H

#include "analysis/row_types.h"
#include "model/lines.h"

struct churn_site {
    uint32_t site;    /* 0: not known */
    const char *type; /* NULL: not known */
    uint64_t allocations, bytes, alive;
    uint64_t deaths[3];       /* reference count, collector, shutdown */
    uint64_t collected_bytes; /* of deaths[1] */
    /* Died within churn.within bytes of allocation, and before the shutdown as far as can be told. */
    uint64_t short_lived, short_bytes;
    uint32_t sizes; /* rows that it sums up: sizes times instructions */
    struct lifetimes lifetimes;
};

/* One line. */
struct churn_line {
    struct churn_site total; /* site: that with most bytes; type: NULL for LINE_IMPORT */
    uint32_t line; /* of churn.lines, which tells its sites, those with most bytes first */
};

struct churn {
    uint64_t within; /* lives shorter than so many bytes of allocation are short */
    uint64_t allocations, bytes, alive, deaths;
    uint64_t untyped; /* of deaths: the type is not known */
    uint64_t short_lived, short_bytes;
    uint64_t collected, collected_bytes; /* of deaths: by the collector */
    /* Memory that is no objects; in no other figure. */
    uint64_t plain_allocations, plain_bytes, plain_collected, plain_collected_bytes;
    struct churn_site *sites; /* most bytes first, then by place and type; so are the lines */
    uint32_t site_count;
    struct lines lines; /* of sites */
    /* What is to be listed, and in which order: numbers of sites, and lines. At first all. */
    uint32_t *order;
    uint32_t order_count;
    struct churn_line *by_line;
    uint32_t by_line_count;
};

/* What is short-lived unless told otherwise: about a thousand objects later. */
#define CHURN_WITHIN (UINT64_C(64) << 10)

/* within is rounded down to a power of two. Returns 0, or -1 without memory; released by churn_free()
 * either way. */
int churn_sum(const struct row_types *types, const struct site_table *sites, uint64_t within,
              struct churn *churn);
void churn_free(struct churn *churn);

/* Lists sites and lines by what a program throws away soonest: most short-lived objects first. */
void churn_rank(const struct site_table *sites, struct churn *churn);

/* Lists only what is of that type: its full name, or the part behind the last dot. The totals stay. */
void churn_keep_type(struct churn *churn, const char *type);

#endif
