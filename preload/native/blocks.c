/* SPDX-License-Identifier: MIT */
/*
 * The recorded blocks that are alive. Samples are in a hash table that grows, linear probing, no graves;
 * if every block is recorded they are in a map by address, and in the table what has no place there.
 */
#include "block_map.h"
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
    _Atomic uint32_t count; /* changed with the lock */
    uint32_t mask;
} table;

bool blocks_setup(void)
{
    table.slots = native.host->reserve(FIRST_SLOTS * sizeof *table.slots);
    table.mask = FIRST_SLOTS - 1;
    blocks_stretches = native.host->reserve(STRETCHES * sizeof *blocks_stretches);
    if (native.wishes.mean <= 1)
        block_map_setup(); /* without it all are in the table */
    return table.slots && blocks_stretches;
}

static uint32_t count(void)
{
    return atomic_load_explicit(&table.count, memory_order_relaxed);
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

/* Read by others, written with the lock. */
static void count_stretch(uintptr_t block, int change)
{
    _Atomic uint16_t *stretch = &blocks_stretches[block >> BLOCKS_STRETCH_BITS];
    int now = atomic_load_explicit(stretch, memory_order_relaxed);
    atomic_store_explicit(stretch, (uint16_t)(now + change), memory_order_relaxed);
}

/* What follows moves up where it may, so that no search ends at the gap (Knuth, 6.4 R). */
static void close_gap(uint32_t gap)
{
    for (uint32_t at = (gap + 1) & table.mask; table.slots[at].block; at = (at + 1) & table.mask) {
        uint32_t from = home(table.slots[at].block);
        if (((at - from) & table.mask) < ((at - gap) & table.mask))
            continue;
        table.slots[gap] = table.slots[at];
        gap = at;
    }
    table.slots[gap] = (struct slot){0};
}

static struct slot *find(uintptr_t block)
{
    if (!count())
        return NULL;
    for (uint32_t at = home(block);; at = (at + 1) & table.mask) {
        if (table.slots[at].block == block)
            return &table.slots[at];
        if (!table.slots[at].block)
            return NULL;
    }
}

static bool take(uintptr_t block, uint64_t *size, uint32_t *stack)
{
    struct slot *slot = find(block);
    if (!slot)
        return false;
    *size = slot->size;
    *stack = slot->stack;
    atomic_store_explicit(&table.count, count() - 1, memory_order_relaxed);
    count_stretch(block, -1);
    close_gap((uint32_t)(slot - table.slots));
    return true;
}

static void add(uintptr_t block, uint64_t size, uint32_t stack)
{
    if (block >> 47 || (count() >= table.mask / 2 && !grow()))
        return;
    const struct slot slot = {block, size, stack, 0};
    place(&slot);
    atomic_store_explicit(&table.count, count() + 1, memory_order_relaxed);
    count_stretch(block, 1);
}

/* The block's place in the map, NULL: it can have none. */
static block_word *make_word(uintptr_t block)
{
    block_word *at = block_map_word(block);
    if (__builtin_expect(at != NULL, 1))
        return at;
    at = block_map_extend(block);
    if (at)
        count_stretch(block, 1);
    return at;
}

bool blocks_put(uintptr_t block, uint64_t size, uint32_t stack, uint64_t *old_size,
                uint32_t *old_stack)
{
    block_word *at = block_map ? make_word(block) : NULL;
    uint64_t old = at ? block_word_read(at) : 0;
    bool fits = at && size >> BLOCK_WORD_SIZE_BITS == 0;
    bool missed = block_word_is(old, block);
    *old_size = block_word_size(old);
    *old_stack = block_word_stack(old);
    if (__builtin_expect(fits && (!old || missed) && !count(), 1)) {
        block_word_write(at, block_word_of(block, size, stack));
        return missed;
    }
    /* Its neighbour may have the word; and it may have been where it will not be now. */
    missed = blocks_take(block, old_size, old_stack);
    if (fits && !block_word_read(at))
        block_word_write(at, block_word_of(block, size, stack));
    else
        add(block, size, stack);
    return missed;
}

bool blocks_known(uintptr_t block)
{
    if (!block_map || count())
        return true;
    block_word *at = block_map_word(block);
    return at && block_word_read(at);
}

bool blocks_find(uintptr_t block, uint64_t *size, uint32_t *stack)
{
    block_word *at = block_map ? block_map_word(block) : NULL;
    uint64_t found = at ? block_word_read(at) : 0;
    if (block_word_is(found, block)) {
        *size = block_word_size(found);
        *stack = block_word_stack(found);
        return true;
    }
    const struct slot *slot = find(block);
    if (slot) {
        *size = slot->size;
        *stack = slot->stack;
    }
    return slot != NULL;
}

bool blocks_take(uintptr_t block, uint64_t *size, uint32_t *stack)
{
    block_word *at = block_map ? block_map_word(block) : NULL;
    uint64_t found = at ? block_word_read(at) : 0;
    if (!block_word_is(found, block))
        return take(block, size, stack);
    *size = block_word_size(found);
    *stack = block_word_stack(found);
    block_word_write(at, 0);
    return true;
}
