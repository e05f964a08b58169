/* SPDX-License-Identifier: MIT */
#include "block_map.h"

#define ROOT_BITS (BLOCK_MAP_ADDRESS_BITS - BLOCK_MAP_LEAF_BITS - BLOCKS_STRETCH_BITS)
#define TABLES_AT_ONCE 64u

struct block_leaf *_Atomic *block_map;

static struct {
    block_word *next; /* tables not yet used */
    unsigned count;
} spare;

bool block_map_setup(void)
{
    block_map = native.host->reserve(sizeof *block_map << ROOT_BITS);
    return block_map != NULL;
}

static block_word *take_table(void)
{
    const size_t size = BLOCK_MAP_WORDS * sizeof *spare.next;
    if (!spare.count) {
        spare.next = native.host->reserve(size * TABLES_AT_ONCE);
        spare.count = spare.next ? TABLES_AT_ONCE : 0;
    }
    if (!spare.count)
        return NULL;
    block_word *table = spare.next;
    spare.next += BLOCK_MAP_WORDS;
    spare.count--;
    return table;
}

block_word *block_map_extend(uintptr_t block)
{
    if (block >> BLOCK_MAP_ADDRESS_BITS)
        return NULL;
    struct block_leaf *_Atomic *branch =
        &block_map[block >> (BLOCK_MAP_LEAF_BITS + BLOCKS_STRETCH_BITS)];
    struct block_leaf *leaf = atomic_load_explicit(branch, memory_order_relaxed);
    if (!leaf) {
        leaf = native.host->reserve(sizeof *leaf);
        if (!leaf)
            return NULL;
        atomic_store_explicit(branch, leaf, memory_order_release);
    }
    block_word *table = take_table();
    if (table)
        atomic_store_explicit(
            &leaf->tables[block >> BLOCKS_STRETCH_BITS & ((1u << BLOCK_MAP_LEAF_BITS) - 1)], table,
            memory_order_release);
    return block_map_word(block);
}
