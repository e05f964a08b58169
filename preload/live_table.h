/* SPDX-License-Identifier: MIT */
/*
 * The live table: for every live block the row of the ledger that counts it, its birth and, when
 * the row does not tell, its size. Shadow memory: one 4-byte word per 16 bytes of address space,
 * found by two dependent loads and kept in the order of the heap, so it costs a quarter of the
 * touched heap and shares its locality.
 *
 *   word 0   LIVE_FIRST | flags | row (25 bits)
 *   word 1   birth, in clock units of 256 bytes, modulo 2^31   (blocks above 16 bytes: LIVE_BORN)
 *   word 2,3 size, 31 bits each                                (blocks above 512 bytes: LIVE_SIZED)
 *
 * Only a first word has its top bit set, so an address inside a block (every pointer to a collected
 * object is one) is never taken for a block's own. All words of a dead block are zero. The words of
 * a block lie within the block's own 16-byte granules, so two threads that own two blocks never
 * write the same word. Blocks that are not 16-byte aligned are not followed.
 */
#ifndef OURO_LIVE_TABLE_H
#define OURO_LIVE_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "private.h"

#define LIVE_ROW_BITS 25u
#define LIVE_ROW_MASK ((1u << LIVE_ROW_BITS) - 1)
#define LIVE_CLAIMED (1u << 25) /* in the copy: counted to an object already */
#define LIVE_FRESH (1u << 26)   /* no object was announced in it yet */
#define LIVE_BORN (1u << 27)
#define LIVE_WATCHED (1u << 28) /* its death must be told to the adapter */
#define LIVE_DORMANT (1u << 29) /* its object died, the block waits in a free list */
#define LIVE_SIZED (1u << 30)
#define LIVE_FIRST (1u << 31)
#define LIVE_KIND_SHIFT 28u             /* down to the flags that make a block a special one */
#define LIVE_TIME_MASK (LIVE_FIRST - 1) /* births are modulo 2^31 */
#define LIVE_SIZE_LIMIT 512u            /* larger blocks carry their size */

#define LIVE_REGION_BITS 25u /* 32 MiB of heap per region */
#define LIVE_ADDRESS_BITS 47u
#define LIVE_REGIONS (1u << (LIVE_ADDRESS_BITS - LIVE_REGION_BITS))
#define LIVE_REGION_WORDS (1u << (LIVE_REGION_BITS - 4))

typedef _Atomic(uint32_t *) live_region;

struct live_table {
    live_region *regions; /* one per 32 MiB of address space */
    uint32_t *made;       /* which of them exist, in the order they were made */
    _Atomic uint32_t made_count;
};

extern PRIVATE struct live_table live_table;

struct live_block {
    uint32_t row, flags;
    uint32_t birth; /* valid with LIVE_BORN */
    uint64_t size;  /* valid with LIVE_SIZED */
};

/* Reserves the top level. False when the address space is limited. */
bool live_table_create(void);

/* Bytes of memory the table really holds, from the kernel. */
uint64_t live_table_resident(void);

/* Makes the region that holds address; NULL when out of memory or out of range. Slow path. */
uint32_t *live_table_make_region(uintptr_t address);

#define LIVE_NO_ADDRESS (~((UINT64_C(1) << LIVE_ADDRESS_BITS) - 1) | 15) /* bits of none followed */

/* The word of the block at address, or NULL when none such was ever followed. */
static inline uint32_t *live_table_find(uintptr_t address)
{
    uintptr_t granule = address >> 4 | address << 60; /* none followed is beyond the regions */
    uintptr_t number = granule >> (LIVE_REGION_BITS - 4);
    if (__builtin_expect(number >= LIVE_REGIONS, 0))
        return NULL;
    uint32_t *region = atomic_load_explicit(&live_table.regions[number], memory_order_acquire);
    return region ? region + (granule & (LIVE_REGION_WORDS - 1)) : NULL;
}

/* The first word of a block of a size when it is born in a row. */
static inline uint32_t live_table_word(uint32_t row, uint64_t size)
{
    return row | LIVE_FIRST | LIVE_FRESH | (size > 16 ? LIVE_BORN : 0) |
           (size > LIVE_SIZE_LIMIT ? LIVE_SIZED : 0);
}

/*
 * Records a block of up to LIVE_SIZE_LIMIT bytes, born at now (clock units), in its words: first is
 * the first of them.
 */
static inline void live_table_set_small(uint32_t *word, uint32_t first, uint64_t now)
{
    word[0] = first;
    if (__builtin_expect(first & LIVE_BORN, 1))
        word[1] = (uint32_t)now & LIVE_TIME_MASK;
}

/* The same for a block of any size. */
static inline void live_table_set(uint32_t *word, uint32_t first, uint64_t size, uint64_t now)
{
    live_table_set_small(word, first, now);
    if (__builtin_expect(first & LIVE_SIZED, 0)) {
        word[2] = (uint32_t)size & LIVE_TIME_MASK;
        word[3] = (uint32_t)(size >> 31);
    }
}

/* The same by address. False when it cannot be followed (alignment, memory). */
static inline bool live_table_put(uintptr_t address, uint64_t size, uint32_t row, uint64_t now)
{
    uint32_t *word = live_table_find(address);
    if (__builtin_expect(!word, 0)) {
        word = live_table_make_region(address);
        if (!word)
            return false;
    }
    live_table_set(word, live_table_word(row, size), size, now);
    return true;
}

static inline void live_table_decode(const uint32_t *word, struct live_block *block)
{
    block->row = word[0] & LIVE_ROW_MASK;
    block->flags = word[0] & ~LIVE_ROW_MASK;
    block->birth = word[0] & LIVE_BORN ? word[1] : 0;
    block->size = word[0] & LIVE_SIZED ? (uint64_t)word[3] << 31 | word[2] : 0;
}

/* What is known of the block at address; false when it is not followed. */
static inline bool live_table_get(uintptr_t address, struct live_block *block)
{
    const uint32_t *word = live_table_find(address);
    if (!word || !(word[0] & LIVE_FIRST) || !(word[0] & LIVE_ROW_MASK))
        return false;
    live_table_decode(word, block);
    return true;
}

/*
 * Takes the block at address out of the table before it is really freed, so that nobody who gets
 * the address next can be confused with it. False when there is none; row 0: it is only watched.
 */
static inline bool live_table_take(uintptr_t address, struct live_block *block)
{
    uint32_t *word = live_table_find(address);
    if (!word || !(word[0] & LIVE_FIRST))
        return false;
    live_table_decode(word, block);
    if (word[0] & LIVE_BORN)
        word[1] = 0;
    if (word[0] & LIVE_SIZED)
        word[2] = word[3] = 0;
    word[0] = 0;
    return true;
}

/* Undoes live_table_take: the block lives on (realloc failed). */
static inline void live_table_restore(uintptr_t address, const struct live_block *block)
{
    uint32_t *word = live_table_find(address);
    if (block->flags & LIVE_BORN)
        word[1] = block->birth;
    if (block->flags & LIVE_SIZED) {
        word[2] = (uint32_t)block->size & LIVE_TIME_MASK;
        word[3] = (uint32_t)(block->size >> 31);
    }
    word[0] = block->row | block->flags;
}

/* Clock units from the block's birth to now. Valid with LIVE_BORN. */
static inline uint32_t live_table_age(const struct live_block *block, uint64_t now)
{
    return ((uint32_t)now - block->birth) & LIVE_TIME_MASK;
}

/*
 * Has the death of the block at address told to the adapter, followed or not. A block that is not
 * followed gets a word with row 0 for it.
 */
static inline void live_table_watch(uintptr_t address, bool unfollowed_too)
{
    uint32_t *word = live_table_find(address);
    if (!word && unfollowed_too && !(address & 15))
        word = live_table_make_region(address);
    if (word && (*word & LIVE_FIRST || unfollowed_too))
        *word |= LIVE_FIRST | LIVE_WATCHED;
}

/* A walk over all blocks that are followed, by address within each region. */
#define LIVE_PAGE_WORDS 1024u /* of the table itself, 4 KiB */

struct live_walk {
    uint32_t made, word;   /* where it is: region, and the next word there */
    const uint32_t *words; /* of the region; NULL: not entered yet */
    int pages;             /* /proc/self/pagemap, -1 without */
    uint64_t present[LIVE_REGION_WORDS / LIVE_PAGE_WORDS]; /* pages of the region ever written */
};

void live_walk_begin(struct live_walk *walk);
/* The next block, until there is none. */
bool live_walk_next(struct live_walk *walk, uintptr_t *address, struct live_block *block);
void live_walk_end(struct live_walk *walk);

#endif
