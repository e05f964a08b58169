/* SPDX-License-Identifier: MIT */
/*
 * Sizes of blocks, and sizes computed from an object and its type, for heaps whose blocks are not all
 * in the live table (sampling). In the copy only.
 */
#ifndef OURO_CPYTHON_SIZES_H
#define OURO_CPYTHON_SIZES_H

#include <stdint.h>

/* Bytes that a block of the runtime's allocator takes when so many are asked for. */
uint64_t sizes_block(uint64_t size);

/* Bytes requested for the object's own block, what comes before the object included. */
uint64_t sizes_own(uintptr_t object);

/* Bytes requested for the blocks it owns: list items, dict keys, set tables. */
uint64_t sizes_owned(uintptr_t object);

/* Bytes requested for the smallest keys that hold what a dict of its own keys has. */
uint64_t sizes_keys_least(uintptr_t dict);

/* Up to 3.10: bytes requested for the values of a dict whose keys its class owns. */
uint64_t sizes_split_values(uintptr_t dict);

#endif
