/* SPDX-License-Identifier: MIT */
/* Rows of a table by a number that each of them has: the index of a join. */
#ifndef OURO_ANALYZER_SQL_GROUPS_H
#define OURO_ANALYZER_SQL_GROUPS_H

#include <stdint.h>

#include "sql/table.h"

/* Rows of group g are row[first[g] … first[g + 1] − 1], ascending. */
struct sql_groups {
    uint32_t count;
    uint32_t *first, *row;
};

/* The group of a row; NO_ID: in none. */
typedef uint32_t sql_group_of(const struct sql_source *source, uint32_t row);

/* Builds them once; does nothing if that is done. Returns 0, or -1 without memory. */
int sql_groups_build(struct sql_groups *groups, const struct sql_source *source, uint32_t count,
                     uint32_t rows, sql_group_of *group_of);
void sql_groups_free(struct sql_groups *groups);

/* The rows of a group; none where there is no such group. */
struct sql_rows sql_groups_rows(const struct sql_groups *groups, int64_t group);

/* All rows that are in a group, ascending by group. */
struct sql_rows sql_groups_all(const struct sql_groups *groups);

#endif
