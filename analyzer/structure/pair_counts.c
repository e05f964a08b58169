/* SPDX-License-Identifier: MIT */
#include "structure/pair_counts.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MAX ((uint32_t)1 << 31)

/* The slot of a pair, or the free one where it belongs. */
static struct pair_slot *slot_find(struct pair_slot *slots, uint32_t room, uint32_t group,
                                   uint32_t item)
{
    uint64_t mix = ((uint64_t)group << 32 | item) * UINT64_C(0x9e3779b97f4a7c15);
    mix ^= mix >> 29;
    mix *= UINT64_C(0xbf58476d1ce4e5b9);
    for (uint32_t at = (uint32_t)(mix >> 32) & (room - 1);; at = (at + 1) & (room - 1)) {
        struct pair_slot *slot = &slots[at];
        if (!slot->count || (slot->group == group && slot->item == item))
            return slot;
    }
}

static bool slots_grow(struct pair_counts *pairs, struct arena *arena)
{
    uint32_t room = pairs->room ? pairs->room * 2 : 256;
    if (pairs->room >= ROOM_MAX)
        return false;
    struct pair_slot *slots = arena_resize(arena, NULL, room, sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, room * sizeof *slots);
    for (uint32_t i = 0; i < pairs->room; i++) {
        const struct pair_slot *old = &pairs->slots[i];
        if (old->count)
            *slot_find(slots, room, old->group, old->item) = *old;
    }
    arena_release(arena, pairs->slots);
    pairs->slots = slots;
    pairs->room = room;
    return true;
}

bool pair_counts_add(struct pair_counts *pairs, struct arena *arena, uint32_t group, uint32_t item,
                     uint64_t count)
{
    if (!count)
        return true;
    if (pairs->used >= pairs->room / 2 && !slots_grow(pairs, arena))
        return false;
    struct pair_slot *slot = slot_find(pairs->slots, pairs->room, group, item);
    if (!slot->count) {
        pairs->used++;
        *slot = (struct pair_slot){group, item, 0};
    }
    slot->count += count;
    if (slot->count < count) /* wrapped: only a forged trace counts so far */
        slot->count = UINT64_MAX;
    return true;
}

static int item_compare(const void *left, const void *right)
{
    const struct item_count *a = left, *b = right;
    return (a->item > b->item) - (a->item < b->item);
}

bool pair_counts_finish(struct pair_counts *pairs, struct arena *arena, uint32_t group_count,
                        struct item_lists *lists)
{
    *lists = (struct item_lists){
        arena_alloc(arena, (size_t)group_count + 1, sizeof *lists->first),
        arena_alloc(arena, pairs->used, sizeof *lists->items),
    };
    if (!lists->first || !lists->items)
        return false;
    for (uint32_t i = 0; i < pairs->room; i++) {
        if (pairs->slots[i].count)
            lists->first[pairs->slots[i].group]++;
    }
    uint32_t end = 0; /* first[g] becomes the end of g's list, and its beginning by filling it */
    for (uint32_t g = 0; g < group_count; g++)
        lists->first[g] = end += lists->first[g];
    lists->first[group_count] = end;
    for (uint32_t i = 0; i < pairs->room; i++) {
        const struct pair_slot *slot = &pairs->slots[i];
        if (slot->count)
            lists->items[--lists->first[slot->group]] =
                (struct item_count){slot->item, slot->count};
    }
    for (uint32_t g = 0; g < group_count; g++) {
        uint32_t count = lists->first[g + 1] - lists->first[g];
        if (count > 1)
            qsort(lists->items + lists->first[g], count, sizeof *lists->items, item_compare);
    }
    arena_release(arena, pairs->slots);
    *pairs = (struct pair_counts){0};
    return true;
}
