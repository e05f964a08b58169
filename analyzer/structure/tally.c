/* SPDX-License-Identifier: MIT */
#include "structure/tally.h"

#include <stdlib.h>
#include <string.h>

void tally_init(struct tally *tally)
{
    *tally = (struct tally){0};
    key_table_init(&tally->keys, 2 * sizeof(uint32_t));
}

void tally_free(struct tally *tally)
{
    key_table_free(&tally->keys);
    free(tally->sums);
    free(tally->entries);
    *tally = (struct tally){0};
}

bool tally_add(struct tally *tally, uint32_t group, uint32_t item, uint64_t objects, uint64_t bytes)
{
    uint32_t key[2] = {group, item}, number;
    if (!key_table_add(&tally->keys, key, &number))
        return false;
    if (number >= tally->room) {
        uint32_t room = tally->room ? tally->room * 2 : 64;
        uint64_t(*sums)[2] = realloc(tally->sums, room * sizeof *sums);
        if (!sums)
            return false;
        memset(sums + tally->room, 0, (room - tally->room) * sizeof *sums);
        tally->sums = sums;
        tally->room = room;
    }
    tally->sums[number][0] += objects;
    tally->sums[number][1] += bytes;
    return true;
}

struct order {
    int (*compare)(uint32_t left, uint32_t right, const void *context);
    const void *context;
};

static int entry_compare(const void *left, const void *right, void *order_)
{
    const struct tally_entry *a = left, *b = right;
    const struct order *order = order_;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->objects != b->objects)
        return a->objects < b->objects ? 1 : -1;
    int result = order->compare ? order->compare(a->item, b->item, order->context) : 0;
    return result ? result : (a->item > b->item) - (a->item < b->item);
}

bool tally_sort(struct tally *tally,
                int (*compare)(uint32_t left, uint32_t right, const void *context),
                const void *context)
{
    struct order order = {compare, context};
    free(tally->entries);
    tally->count = tally->keys.count;
    tally->entries = malloc(((size_t)tally->count + 1) * sizeof *tally->entries);
    if (!tally->entries)
        return false;
    for (uint32_t n = 0; n < tally->count; n++) {
        uint32_t key[2];
        memcpy(key, key_table_key(&tally->keys, n), sizeof key);
        tally->entries[n] =
            (struct tally_entry){key[0], key[1], tally->sums[n][0], tally->sums[n][1]};
    }
    qsort_r(tally->entries, tally->count, sizeof *tally->entries, entry_compare, &order);
    return true;
}

/* The first entry of a group or a later one. */
static uint32_t entry_find(const struct tally *tally, uint64_t group)
{
    uint32_t low = 0, high = tally->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tally->entries[middle].group < group)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct tally_entry *tally_group(const struct tally *tally, uint32_t group, uint32_t *count)
{
    uint32_t first = entry_find(tally, group);
    *count = entry_find(tally, (uint64_t)group + 1) - first;
    return tally->entries + first;
}
