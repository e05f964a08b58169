/* SPDX-License-Identifier: MIT */
/*
 * What is alive of every line and type while a program runs, at a few points of equal distance on the
 * allocation clock. A point is the low-water mark of its stretch: the least that was alive at the end
 * of any of its epochs. So requests that happen to be under way, and heaps that fill and are cleared,
 * do not show, and what stays does.
 */
#ifndef OURO_ANALYZER_GROWTH_SERIES_H
#define OURO_ANALYZER_GROWTH_SERIES_H

#include "analysis/row_types.h"
#include "growth/growth_span.h"
#include "model/lines.h"

/* What one line had of one type alive at each point. Estimates have fractions. */
struct growth_line {
    double count[GROWTH_POINTS_MOST], bytes[GROWTH_POINTS_MOST];
};

struct growth_series {
    struct growth_span span;
    struct lines lines; /* without plain memory */
    struct place *places;
    struct growth_line *line; /* by line */
    const char **type_names;  /* type of the snapshot → as in places; NULL without a snapshot */
};

/*
 * snapshot may be NULL: then all epochs count. Returns 0, or -1 without memory; released by
 * growth_series_free() either way. With too short a run there are no lines.
 */
int growth_series_build(const struct row_types *types, const struct site_table *sites,
                        const struct snapshot *snapshot, struct growth_series *series);
void growth_series_free(struct growth_series *series);

#endif
