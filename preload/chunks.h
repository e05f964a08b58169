/* SPDX-License-Identifier: MIT */
/*
 * Blocks in use of glibc's malloc, as its heaps tell them, without those that are in the ledger. In the
 * copy only, where nobody changes them, and nothing of malloc is called. What does not look as
 * glibc's heaps do (another allocator, a layout that is not known) has no blocks here.
 */
#ifndef OURO_CHUNKS_H
#define OURO_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "snapshot.h"

struct chunk {
    uintptr_t address; /* as malloc gave it */
    uintptr_t end;     /* of what the program may write to */
};

/* What it takes: malloc keeps one word for itself, two of a mapping, which ends with the block. At least 32. */
static inline uint64_t chunk_size(const struct chunk *chunk)
{
    return chunk->end - chunk->address + (chunk->end % 16 ? 8 : 16);
}

/* Lists them, once resident_heaps() are known; false: they are not known. May meet a fault. */
bool chunks_list(struct snapshot *snapshot);

/*
 * What of malloc's heaps is in use, Python's blocks there among it, and what is free: for the next call,
 * for the thread that freed it, or at the end. In bytes, blocks with mappings of their own not among them.
 */
struct chunks_account {
    bool known;
    uint64_t used, free;
};
struct chunks_account chunks_account(void);

/* Ascending by address; none if chunks_list() failed, or met a fault. */
uint32_t chunks_count(void);
const struct chunk *chunks_get(uint32_t number);

/*
 * Where all is malloc's and it is known which of it is in use: heaps, up to where their walk ended,
 * mappings of a block, and what malloc keeps for itself, where it has addresses of free memory. In no order.
 */
struct chunk_range {
    uintptr_t start, end;
};
uint32_t chunks_range_count(void);
struct chunk_range chunks_range(uint32_t number);

/* The first block that begins behind an address, chunks_count(): none. */
uint32_t chunks_after(uintptr_t address);

/* The block that an address lies in, UINT32_MAX: none. */
uint32_t chunks_holding(uintptr_t address);

#endif
