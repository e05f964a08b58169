/* SPDX-License-Identifier: MIT */
/*
 * 64-bit numbers by index in 4 bytes each: what does not fit there is in a list of its own, which is
 * short for what this is meant for. The owner of a column allocates both parts.
 */
#ifndef OURO_ANALYZER_COMPACT_H
#define OURO_ANALYZER_COMPACT_H

#include <stdint.h>

#define COMPACT_FAR UINT32_MAX

struct compact_far {
    uint64_t value;
    uint32_t at;
};

struct compact {
    uint32_t *low;           /* 0: 0; COMPACT_FAR: in the list; else the number less base */
    uint64_t base;           /* the same for all */
    struct compact_far *far; /* ascending by index */
    uint32_t far_count;
};

/* What low[at] has to be for a number: COMPACT_FAR if an entry of the list has to say it. */
static inline uint32_t compact_low(const struct compact *column, uint64_t value)
{
    uint64_t above = value - column->base; /* wraps below the base */
    if (value == 0)
        return 0;
    return value > column->base && above < COMPACT_FAR ? (uint32_t)above : COMPACT_FAR;
}

/* The number of an index that has COMPACT_FAR. */
uint64_t compact_get_far(const struct compact *column, uint32_t at);

static inline uint64_t compact_get(const struct compact *column, uint32_t at)
{
    uint32_t low = column->low[at];
    if (low == COMPACT_FAR)
        return compact_get_far(column, at);
    return low ? column->base + low : 0;
}

#endif
