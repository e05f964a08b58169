/* SPDX-License-Identifier: MIT */
/* One record of an EPOCH chunk: what happened in one row. */
#ifndef OURO_ANALYZER_EPOCH_RECORD_H
#define OURO_ANALYZER_EPOCH_RECORD_H

#include "ouro/trace.h"
#include "trace/cursor.h"

struct epoch_record {
    uint64_t births, born_bytes, deaths[3], died_bytes; /* bytes only for rows of variable size */
    /* Pairs of varints, checked: (bucket, count) and (type, count). */
    uint32_t lifetime_count, type_count;
    struct cursor lifetimes, types;
};

/* Skips a list of pairs, the first items of which are from min to max, and returns a cursor over it. */
static inline struct cursor epoch_record_pairs(struct cursor *c, uint32_t min, uint32_t max,
                                               uint32_t *count)
{
    *count = cursor_count(c, 2);
    struct cursor list = *c;
    for (uint32_t n = *count; n && !c->failed; n--) {
        if (cursor_id(c, max) < min)
            cursor_fail(c);
        cursor_varint(c);
    }
    if (c->failed)
        *count = 0;
    return list;
}

/* Reads the fields of a record, mask bits first to last. Types are numbered up to type_max. */
static inline void epoch_record_read(struct cursor *c, uint64_t mask, uint32_t type_max,
                                     struct epoch_record *record)
{
    *record = (struct epoch_record){0};
    if (mask & OURO_EPOCH_BIRTHS)
        record->births = cursor_varint(c);
    if (mask & OURO_EPOCH_BORN_BYTES)
        record->born_bytes = cursor_varint(c);
    for (unsigned cause = 0; cause < 3; cause++) {
        if (mask & (uint64_t)OURO_EPOCH_DEATHS_REFCOUNT << cause)
            record->deaths[cause] = cursor_varint(c);
    }
    if (mask & OURO_EPOCH_DIED_BYTES)
        record->died_bytes = cursor_varint(c);
    if (mask & OURO_EPOCH_LIFETIMES)
        record->lifetimes =
            epoch_record_pairs(c, 0, OURO_LIFETIME_BUCKETS - 1, &record->lifetime_count);
    if (mask & OURO_EPOCH_TYPES)
        record->types = epoch_record_pairs(c, 1, type_max, &record->type_count);
}

#endif
