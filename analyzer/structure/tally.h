/* SPDX-License-Identifier: MIT */
/*
 * Counts objects and bytes by (group, item), then gives each group's items back, those with most
 * bytes first. What groups and items are is up to the caller.
 */
#ifndef OURO_ANALYZER_TALLY_H
#define OURO_ANALYZER_TALLY_H

#include "structure/key_table.h"

struct tally_entry {
    uint32_t group, item;
    uint64_t objects, bytes;
};

struct tally {
    struct key_table keys;
    uint64_t (*sums)[2]; /* objects, bytes */
    uint32_t room;
    struct tally_entry *entries; /* after tally_sort() */
    uint32_t count;
};

/* An empty tally, released by tally_free(). */
void tally_init(struct tally *tally);
void tally_free(struct tally *tally);

/* Adds to a pair. Returns false without memory. */
bool tally_add(struct tally *tally, uint32_t group, uint32_t item, uint64_t objects,
               uint64_t bytes);

/*
 * Sorts by group, then bytes, then objects, both descending, then by the order of items that compare
 * gives (<0, 0, >0; NULL: by number). After the last tally_add(). Returns false without memory.
 */
bool tally_sort(struct tally *tally,
                int (*compare)(uint32_t left, uint32_t right, const void *context),
                const void *context);

/* The sorted entries of a group. */
const struct tally_entry *tally_group(const struct tally *tally, uint32_t group, uint32_t *count);

#endif
