/* SPDX-License-Identifier: MIT */
/*
 * Sums by (group, item) while they come in, then lists of (item, sum) for each group: how often a
 * row's blocks lived how long, how many of a row's dead were of which type. Lives in an arena, so
 * that its limit holds here, too.
 */
#ifndef OURO_ANALYZER_PAIR_COUNTS_H
#define OURO_ANALYZER_PAIR_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "structure/arena.h"

struct pair_slot {
    uint32_t group, item;
    uint64_t count; /* 0: free */
};

/* Starts all zero. */
struct pair_counts {
    struct pair_slot *slots; /* open addressing, a power of two */
    uint32_t room, used;
};

/* One sum of a group. */
struct item_count {
    uint32_t item;
    uint64_t count;
};

/* The sums of all groups: those of group g are items[first[g]] to items[first[g + 1] - 1], ascending
 * by item. */
struct item_lists {
    uint32_t *first;
    struct item_count *items;
};

/* Adds count to the sum of a pair. Returns false without memory. */
bool pair_counts_add(struct pair_counts *pairs, struct arena *arena, uint32_t group, uint32_t item,
                     uint64_t count);

/*
 * Makes the lists of the groups 0 to group_count − 1, which are all there are, and gives back what
 * the sums took. Returns false without memory.
 */
bool pair_counts_finish(struct pair_counts *pairs, struct arena *arena, uint32_t group_count,
                        struct item_lists *lists);

#endif
