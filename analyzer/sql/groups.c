/* SPDX-License-Identifier: MIT */
#include "sql/groups.h"

#include <stdlib.h>

#include "model/model.h"

int sql_groups_build(struct sql_groups *groups, const struct sql_source *source, uint32_t count,
                     uint32_t rows, sql_group_of *group_of)
{
    if (groups->first)
        return 0;
    uint32_t *first = calloc((size_t)count + 2, sizeof *first);
    uint32_t *row = malloc(((size_t)rows + 1) * sizeof *row);
    if (!first || !row) {
        free(first);
        free(row);
        return -1;
    }
    for (uint32_t r = 0; r < rows; r++) {
        uint32_t group = group_of(source, r);
        if (group < count)
            first[group + 2]++;
    }
    /* first[g + 1] is where group g begins; filling moves it to where it ends. */
    for (uint32_t g = 2; g <= count + 1; g++)
        first[g] += first[g - 1];
    for (uint32_t r = 0; r < rows; r++) {
        uint32_t group = group_of(source, r);
        if (group < count)
            row[first[group + 1]++] = r;
    }
    *groups = (struct sql_groups){count, first, row};
    return 0;
}

void sql_groups_free(struct sql_groups *groups)
{
    free(groups->first);
    free(groups->row);
    *groups = (struct sql_groups){0};
}

struct sql_rows sql_groups_rows(const struct sql_groups *groups, int64_t group)
{
    if (group < 0 || group >= groups->count)
        return (struct sql_rows){0};
    return (struct sql_rows){groups->row, groups->first[group], groups->first[group + 1]};
}

struct sql_rows sql_groups_all(const struct sql_groups *groups)
{
    return (struct sql_rows){groups->row, 0, groups->first[groups->count]};
}
