/* SPDX-License-Identifier: MIT */
/*
 * Types as a reader of the report knows them: by name. Two types of the snapshot with the same name
 * (a class made twice) are one here. Numbers follow the order of names, so that comparing numbers
 * is comparing names, whatever the order in the trace.
 */
#ifndef OURO_ANALYZER_TYPE_ORDER_H
#define OURO_ANALYZER_TYPE_ORDER_H

#include "model/model.h"

struct type_order {
    uint32_t count;
    uint32_t *rank;    /* type of the snapshot (0 … type_count) → number; 0, unknown, is "" */
    const char **name; /* number → name, owned by the snapshot */
    uint32_t *flags;   /* number → enum ouro_type_flag, of all types of that name */
};

/* Returns 0, or -1 without memory; released by type_order_free() either way. */
int type_order_build(const struct snapshot *snapshot, struct type_order *order);
void type_order_free(struct type_order *order);

/* Objects and bytes of one type. */
struct type_total {
    const char *type;
    uint64_t count, bytes;
};

/* qsort() order: more bytes first, then by name. */
int type_total_compare(const void *left, const void *right);

#endif
