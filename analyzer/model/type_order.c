/* SPDX-License-Identifier: MIT */
#include "model/type_order.h"

#include <stdlib.h>
#include <string.h>

struct named {
    const char *name;
    uint32_t type;
};

static int named_compare(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->type > b->type) - (a->type < b->type);
}

int type_order_build(const struct snapshot *snapshot, struct type_order *order)
{
    *order = (struct type_order){0};
    uint32_t types = snapshot->type_count;
    struct named *named = malloc(((size_t)types + 1) * sizeof *named);
    order->rank = calloc((size_t)types + 1, sizeof *order->rank);
    order->name = malloc(((size_t)types + 1) * sizeof *order->name);
    order->flags = calloc((size_t)types + 1, sizeof *order->flags);
    if (!named || !order->rank || !order->name || !order->flags) {
        free(named);
        return -1;
    }
    named[0] = (struct named){"", 0};
    for (uint32_t t = 1; t <= types; t++)
        named[t] = (struct named){snapshot->types[t].name, t};
    qsort(named, (size_t)types + 1, sizeof *named, named_compare);
    for (uint32_t i = 0; i <= types; i++) {
        if (i == 0 || strcmp(named[i].name, named[i - 1].name) != 0)
            order->name[order->count++] = named[i].name;
        uint32_t rank = order->count - 1;
        order->rank[named[i].type] = rank;
        if (named[i].type)
            order->flags[rank] |= snapshot->types[named[i].type].flags;
    }
    free(named);
    return 0;
}

void type_order_free(struct type_order *order)
{
    free(order->rank);
    free(order->name);
    free(order->flags);
    *order = (struct type_order){0};
}

int type_total_compare(const void *left, const void *right)
{
    const struct type_total *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return strcmp(a->type, b->type);
}
