/* SPDX-License-Identifier: MIT */
/*
 * Poisson sampling by bytes, the always-on mode. Every byte allocated is a sample with probability
 * 1/R, so a block of S bytes is recorded with probability p = 1 − e^(−S/R) and then stands for 1/p
 * blocks: E[Σ 1/p] over the recorded blocks is the number of all blocks. The distance to the next
 * sample is exponential with mean R and memoryless, so what is left of it after a sample is drawn
 * anew (jemalloc, doc_internal/PROFILING_INTERNALS.md, derives the same estimator).
 *
 * Whether a block was sampled is known from a bitmap of the pages that hold sampled blocks, which
 * spares nearly all frees the look into the live table.
 */
#ifndef OURO_SAMPLING_H
#define OURO_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

#include "live_table.h"
#include "ouro/trace.h"
#include "private.h"

#define SAMPLING_PAGE_BITS 12u

struct sampling {
    uint64_t mean;                         /* R; 0: every block is recorded */
    uint32_t weights[LIVE_SIZE_LIMIT + 1]; /* by size, in units of 1/OURO_SAMPLE_UNIT */
    uint8_t *pages;                        /* one bit per page */
};

extern PRIVATE struct sampling sampling;

/* mean 0 switches sampling off. False when there is no address space. */
bool sampling_setup(uint64_t mean);

/* Bytes until the next sample; state is the caller's generator, 0 to have it seeded: by
 * options.seed, or at random. */
int64_t sampling_draw(uint64_t *state);

/* 1/p of a block of this size, rounded, in units of 1/OURO_SAMPLE_UNIT. */
uint64_t sampling_weigh(uint64_t size);

static inline uint64_t sampling_weight(uint64_t size)
{
    return size <= LIVE_SIZE_LIMIT ? sampling.weights[size] : sampling_weigh(size);
}

static inline void sampling_mark(uintptr_t address)
{
    uintptr_t page = address >> SAMPLING_PAGE_BITS;
    __atomic_fetch_or(&sampling.pages[page >> 3], (uint8_t)(1u << (page & 7)), __ATOMIC_RELAXED);
}

/* Whether the block at address may be a sampled one. */
static inline bool sampling_marked(uintptr_t address)
{
    uintptr_t page = address >> SAMPLING_PAGE_BITS;
    return address >> LIVE_ADDRESS_BITS == 0 && sampling.pages[page >> 3] >> (page & 7) & 1;
}

#endif
