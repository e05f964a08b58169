/* SPDX-License-Identifier: MIT */
/*
 * Blocks by address, for when every one is recorded: a word for each 32 bytes of the addresses that
 * malloc gives, found without a search. What lies together in the program's memory lies together here, and
 * costs a quarter as much; samples, which are few and anywhere, are in the hash table of blocks.c instead.
 *
 * Words are written with the lock of native_state.h. Without it only that of a block may be read which
 * the calling thread may free.
 */
#ifndef OURO_BLOCK_MAP_H
#define OURO_BLOCK_MAP_H

#include "native_state.h"

#define BLOCK_MAP_ADDRESS_BITS 47u
#define BLOCK_MAP_GRAIN_BITS 5u /* of addresses that share a word: glibc's least chunk */
#define BLOCK_MAP_LEAF_BITS 17u
#define BLOCK_MAP_WORDS (1u << (BLOCKS_STRETCH_BITS - BLOCK_MAP_GRAIN_BITS)) /* of a table */

/*
 * A block's word: its size, where in the 32 bytes it begins, in units of eight, and its stack; 0: none. Other
 * allocators than glibc's may have several blocks there, of which the first one gets the word.
 */
typedef _Atomic uint64_t block_word;
#define BLOCK_WORD_PLACE_BITS 2u
#define BLOCK_WORD_SIZE_SHIFT (STACK_BITS + BLOCK_WORD_PLACE_BITS)
#define BLOCK_WORD_SIZE_BITS (64u - BLOCK_WORD_SIZE_SHIFT)

struct block_leaf {
    block_word *_Atomic tables[1u << BLOCK_MAP_LEAF_BITS]; /* one for 32 KiB of addresses */
};

extern PRIVATE struct block_leaf *_Atomic *block_map; /* NULL: there is none */

bool block_map_setup(void);
/* The word of an address for which there was no table. NULL: there is no memory, or no such address. */
block_word *block_map_extend(uintptr_t block);

/* NULL: no block was ever so near. There has to be a map. */
static inline block_word *block_map_word(uintptr_t block)
{
    if (block >> BLOCK_MAP_ADDRESS_BITS)
        return NULL;
    struct block_leaf *leaf = atomic_load_explicit(
        &block_map[block >> (BLOCK_MAP_LEAF_BITS + BLOCKS_STRETCH_BITS)], memory_order_acquire);
    if (__builtin_expect(!leaf, 0))
        return NULL;
    block_word *table = atomic_load_explicit(
        &leaf->tables[block >> BLOCKS_STRETCH_BITS & ((1u << BLOCK_MAP_LEAF_BITS) - 1)],
        memory_order_acquire);
    return table ? &table[block >> BLOCK_MAP_GRAIN_BITS & (BLOCK_MAP_WORDS - 1)] : NULL;
}

static inline uint64_t block_word_read(block_word *at)
{
    return atomic_load_explicit(at, memory_order_relaxed);
}

static inline void block_word_write(block_word *at, uint64_t value)
{
    atomic_store_explicit(at, value, memory_order_relaxed);
}

static inline uint64_t block_word_of(uintptr_t block, uint64_t size, uint32_t stack)
{
    uint64_t place = block >> 3 & ((1u << BLOCK_WORD_PLACE_BITS) - 1);
    return size << BLOCK_WORD_SIZE_SHIFT | place << STACK_BITS | stack;
}

/* Whether a word is that of the block, not that of a neighbour. */
static inline bool block_word_is(uint64_t value, uintptr_t block)
{
    const uint64_t low = (UINT64_C(1) << BLOCK_WORD_SIZE_SHIFT) - 1;
    return value && (value & low) >> STACK_BITS == block_word_of(block, 0, 0) >> STACK_BITS;
}

static inline uint64_t block_word_size(uint64_t value)
{
    return value >> BLOCK_WORD_SIZE_SHIFT;
}

static inline uint32_t block_word_stack(uint64_t value)
{
    return (uint32_t)(value & ((1u << STACK_BITS) - 1));
}

#endif
