/* SPDX-License-Identifier: MIT */
/*
 * What the snapshot has of lines that are thought to grow, and how old it is. A line that leaks
 * steadily left objects of every age; one that has many short-lived objects, or filled a cache once,
 * did not, whatever the counts said.
 */
#ifndef OURO_ANALYZER_SURVIVORS_H
#define OURO_ANALYZER_SURVIVORS_H

#include "cycles/garbage.h"
#include "growth/growth_series.h"

/* The survivors of one line. Figures are estimates where allocations are sampled. */
struct ages {
    double born[GROWTH_POINTS_MOST]; /* alive and born within each point */
    double old;                      /* born before */
    double unknown;                  /* of no known birth, or of one that may be that of an earlier
                                        object: the runtime recycles this type unseen */
    double live, dead;               /* all of the above; and those that are dead in the snapshot */
};

struct survivors {
    uint32_t count; /* lines asked for */
    struct ages *ages;
    uint32_t *first; /* live objects of line i: object[first[i] … first[i + 1] − 1], ascending */
    uint32_t *object;
};

/*
 * line gives the lines of the series that are wanted, count of them. Returns 0, or -1 without memory;
 * released by survivors_free() either way.
 */
int survivors_find(const struct growth_series *series, const struct row_types *types,
                   const struct snapshot *snapshot, const struct garbage *garbage,
                   const uint32_t *line, uint32_t count, struct survivors *survivors);
void survivors_free(struct survivors *survivors);

#endif
