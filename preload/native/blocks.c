/* SPDX-License-Identifier: MIT */
/* The sampled blocks that are alive: a hash table that grows, linear probing, no graves. */
#include "native_state.h"

#define STRETCHES ((size_t)1 << (47 - BLOCKS_STRETCH_BITS))
#define FIRST_SLOTS (1u << 12)
#define MOST_SLOTS (1u << 26)

struct slot {
    uintptr_t block; /* 0: free */
    uint64_t size;
    uint32_t stack, padding;
};

_Atomic uint16_t *blocks_stretches;

static struct {
    struct slot *slots;
    uint32_t count, mask;
} table;

bool blocks_setup(void)
{
    table.slots = native.host->reserve(FIRST_SLOTS * sizeof *table.slots);
    table.mask = FIRST_SLOTS - 1;
    blocks_stretches = native.host->reserve(STRETCHES * sizeof *blocks_stretches);
    return table.slots && blocks_stretches;
}

/* Neighbours of 512 bytes share a place: what is used together is together in the caches. */
static uint32_t home(uintptr_t block)
{
    return (uint32_t)((uint64_t)(block >> 9) * 0x9e3779b97f4a7c15u >> 32) & table.mask;
}

static void place(const struct slot *slot)
{
    uint32_t at = home(slot->block);
    while (table.slots[at].block)
        at = (at + 1) & table.mask;
    table.slots[at] = *slot;
}

static bool grow(void)
{
    struct slot *old = table.slots;
    uint32_t slots = table.mask + 1;
    struct slot *bigger =
        slots < MOST_SLOTS ? native.host->reserve((size_t)slots * 2 * sizeof *bigger) : NULL;
    if (!bigger)
        return false;
    table.slots = bigger;
    table.mask = slots * 2 - 1;
    for (uint32_t i = 0; i < slots; i++)
        if (old[i].block)
            place(&old[i]);
    native.host->release(old, slots * sizeof *old);
    return true;
}

static struct slot *find(uintptr_t block)
{
    for (uint32_t at = home(block);; at = (at + 1) & table.mask) {
        if (table.slots[at].block == block)
            return &table.slots[at];
        if (!table.slots[at].block)
            return NULL;
    }
}

static _Atomic uint16_t *stretch_of(uintptr_t block)
{
    return &blocks_stretches[block >> BLOCKS_STRETCH_BITS];
}

void blocks_add(uintptr_t block, uint64_t size, uint32_t stack)
{
    if (block >> 47 || (table.count >= table.mask / 2 && !grow()))
        return;
    const struct slot slot = {block, size, stack, 0};
    place(&slot);
    table.count++;
    atomic_fetch_add_explicit(stretch_of(block), 1, memory_order_relaxed);
}

bool blocks_find(uintptr_t block, uint64_t *size, uint32_t *stack)
{
    const struct slot *slot = table.slots ? find(block) : NULL;
    if (slot) {
        *size = slot->size;
        *stack = slot->stack;
    }
    return slot != NULL;
}

bool blocks_take(uintptr_t block, uint64_t *size, uint32_t *stack)
{
    struct slot *slot = find(block);
    if (!slot)
        return false;
    *size = slot->size;
    *stack = slot->stack;
    table.count--;
    atomic_fetch_sub_explicit(stretch_of(block), 1, memory_order_relaxed);
    /* What follows moves up where it may, so that no search ends at the gap (Knuth, 6.4 R). */
    uint32_t gap = (uint32_t)(slot - table.slots);
    for (uint32_t at = (gap + 1) & table.mask; table.slots[at].block; at = (at + 1) & table.mask) {
        uint32_t from = home(table.slots[at].block);
        if (((at - from) & table.mask) < ((at - gap) & table.mask))
            continue;
        table.slots[gap] = table.slots[at];
        gap = at;
    }
    table.slots[gap] = (struct slot){0};
    return true;
}
