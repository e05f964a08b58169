/* SPDX-License-Identifier: MIT */
#include "analysis/type_table.h"

#include <stdlib.h>
#include <string.h>

/* The number of a type by its name, which is that of one of the types. */
static uint32_t number_of(const struct type_order *order, const char *name)
{
    uint32_t low = 0, high = order->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(order->name[middle], name) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int compare(uint64_t left, uint64_t right, const struct type_row *a,
                   const struct type_row *b)
{
    if (left != right)
        return left < right ? 1 : -1;
    return strcmp(a->type, b->type);
}

static int by_bytes(const void *left, const void *right)
{
    const struct type_row *a = left, *b = right;
    return compare(a->bytes, b->bytes, a, b);
}

static int by_count(const void *left, const void *right)
{
    const struct type_row *a = left, *b = right;
    return compare(a->count, b->count, a, b);
}

static int by_retained(const void *left, const void *right)
{
    const struct type_row *a = left, *b = right;
    return compare(a->retained, b->retained, a, b);
}

int type_table_make(const struct snapshot *snapshot, const struct type_order *order,
                    const struct heap *heap, const struct garbage *garbage,
                    const struct retained_list *groups, enum type_sort sort,
                    struct type_table *table)
{
    static int (*const orders[])(const void *, const void *) = {by_bytes, by_count, by_retained};
    *table = (struct type_table){0};
    struct type_row *rows = table->rows = calloc((size_t)order->count + 1, sizeof *rows);
    if (!rows)
        return -1;
    for (uint32_t t = 0; t < heap->type_count; t++) {
        const struct heap_type *type = &heap->types[t];
        struct type_row *row = &rows[number_of(order, type->type)];
        row->type = type->type;
        row->count = type->count;
        row->bytes = type->bytes;
        row->tracked = type->tracked;
    }
    for (uint32_t o = 0; o < snapshot->object_count; o++)
        rows[order->rank[snapshot->type[o]]].dead += garbage->class[o] != CLASS_LIVE;
    for (uint32_t g = 0; g < groups->count; g++)
        rows[number_of(order, groups->entries[g].name)].retained = groups->entries[g].retained;
    for (uint32_t t = 0; t < order->count; t++) {
        if (rows[t].count)
            rows[table->count++] = rows[t];
    }
    qsort(rows, table->count, sizeof *rows, orders[sort]);
    return 0;
}

void type_table_free(struct type_table *table)
{
    free(table->rows);
    *table = (struct type_table){0};
}
