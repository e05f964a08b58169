/* SPDX-License-Identifier: MIT */
/*
 * A heap by type: how many objects, what they take, what they keep alive. Joins the totals of heap.h
 * with the groups of retained.h.
 */
#ifndef OURO_ANALYZER_TYPE_TABLE_H
#define OURO_ANALYZER_TYPE_TABLE_H

#include "analysis/heap.h"
#include "analysis/retained.h"

enum type_sort { TYPE_SORT_BYTES, TYPE_SORT_COUNT, TYPE_SORT_RETAINED };

struct type_row {
    const char *type;
    uint64_t count, bytes; /* of all objects of the type; bytes of their own blocks */
    uint64_t tracked;      /* of count: known to the collector */
    uint64_t dead;         /* of count: unreachable */
    uint64_t retained;     /* bytes that would die with all live objects of the type */
};

struct type_table {
    struct type_row *rows; /* most of what they are sorted by first, then by name */
    uint32_t count;
};

/*
 * groups are those by type, all of them. Returns 0, or -1 without memory; released by
 * type_table_free() either way.
 */
int type_table_make(const struct snapshot *snapshot, const struct type_order *order,
                    const struct heap *heap, const struct garbage *garbage,
                    const struct retained_list *groups, enum type_sort sort,
                    struct type_table *table);
void type_table_free(struct type_table *table);

#endif
