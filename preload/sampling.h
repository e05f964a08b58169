/* SPDX-License-Identifier: MIT */
/*
 * Poisson sampling by bytes, the always-on mode. Every byte allocated is a sample with probability
 * 1/R, so a block of S bytes is recorded with probability p = 1 − e^(−S/R) and then stands for 1/p
 * blocks: E[Σ 1/p] over the recorded blocks is the number of all blocks. The distance to the next
 * sample is exponential with mean R and memoryless, so what is left of it after a sample is drawn
 * anew (jemalloc, doc_internal/PROFILING_INTERNALS.md, derives the same estimator).
 *
 * Whether a block was sampled is known from a map of the stretches of memory that hold sampled
 * blocks, which spares nearly all frees the look into the live table.
 */
#ifndef OURO_SAMPLING_H
#define OURO_SAMPLING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "live_table.h"
#include "ouro/trace.h"
#include "private.h"

#define SAMPLING_STRETCH_BITS 15u /* a byte of the map: 32 KiB of address space */
#define SAMPLING_STRETCHES (UINT64_C(1) << (LIVE_ADDRESS_BITS - SAMPLING_STRETCH_BITS))

struct sampling {
    uint64_t mean;                         /* R; 0: every block is recorded */
    uint32_t weights[LIVE_SIZE_LIMIT + 1]; /* by size, in units of 1/OURO_SAMPLE_UNIT */
    _Atomic uint8_t *stretches; /* whether any sampled block may be there, one byte each */
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

/* A block that is in the live table was sampled. */
static inline void sampling_mark(uintptr_t address)
{
    sampling.stretches[address >> SAMPLING_STRETCH_BITS] = 1;
}

/* A block was taken out of the live table: it may have been the last of its stretch. */
void sampling_unmark(uintptr_t address);

/* Whether the block at address may be a sampled one. */
static inline bool sampling_marked(uintptr_t address)
{
    uintptr_t stretch = address >> SAMPLING_STRETCH_BITS;
    return stretch < SAMPLING_STRETCHES &&
           __builtin_expect(
               atomic_load_explicit(&sampling.stretches[stretch], memory_order_relaxed) != 0, 0);
}

#endif
