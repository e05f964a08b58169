/* SPDX-License-Identifier: MIT */
/*
 * What the objects of each row were: of its dead by the types the recorder read at their deaths, of
 * the living by the types of the row's objects in the snapshot. A row is one size from one place, so
 * most rows have one type only, and everything is exact. Where a row has several, the counts by type
 * are exact, but how and how soon each type died is shared out among those that died in the same epoch
 * (load/load_deaths.c), and what blocks of different sizes weigh among all.
 */
#ifndef OURO_ANALYZER_ROW_TYPES_H
#define OURO_ANALYZER_ROW_TYPES_H

#include "analysis/lifetimes.h"
#include "model/model.h"

/* The objects of one type in one row. All figures are in 1/process.unit. */
struct row_type {
    const char *type;   /* NULL: not known. Equal names are the same pointer */
    uint32_t number;    /* of the name; ROW_TYPE_UNKNOWN: not known. Ascending within a row */
    uint64_t deaths[3]; /* reference count, collector, shutdown */
    uint64_t alive;     /* at the end of the recording */
    uint64_t died_bytes, alive_bytes;
};

#define ROW_TYPE_UNKNOWN UINT32_MAX

struct row_types {
    const struct process *process;
    uint32_t *first; /* row → the first of its types; row_count + 2 entries */
    struct row_type *items;
    const char **names; /* of all types, ascending */
    uint32_t name_count;
    uint32_t *of_ledger; /* type of the ledger → number of its name */
};

/*
 * Tells the types of all rows of objects; other rows have none. snapshot may be NULL. Over the types
 * of a row, deaths by cause add up to those of the row, and alive to its births less its deaths.
 * Returns 0, or -1 without memory; released by row_types_free() either way.
 */
int row_types_find(const struct process *process, const struct snapshot *snapshot,
                   struct row_types *types);
void row_types_free(struct row_types *types);

/* All deaths of a type in a row. */
static inline uint64_t row_type_deaths(const struct row_type *type)
{
    return type->deaths[0] + type->deaths[1] + type->deaths[2];
}

/* The types of a row. */
const struct row_type *row_types_of(const struct row_types *types, uint32_t row, uint32_t *count);

/* The lifetimes of a row, in 1/process.unit: one entry for each of its types. */
void row_types_lifetimes(const struct row_types *types, uint32_t row, struct lifetimes *shares);

#endif
