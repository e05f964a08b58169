/* SPDX-License-Identifier: MIT */
/*
 * How long blocks lived, on the allocation clock: not in seconds but in bytes that the program
 * allocated meanwhile, which is the same on every machine. Lifetimes are known to a power of two.
 */
#ifndef OURO_ANALYZER_LIFETIMES_H
#define OURO_ANALYZER_LIFETIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "ouro/trace.h"

/* Bucket 0: below 256 bytes; bucket b: from 2^(b-1) × 256 up to, but not, 2^b × 256. */
struct lifetimes {
    uint64_t bucket[OURO_LIFETIME_BUCKETS];
};

void lifetimes_add(struct lifetimes *to, const struct lifetimes *more);

/* Of all buckets: the blocks whose lifetime is known. */
uint64_t lifetimes_count(const struct lifetimes *lifetimes);

/*
 * A bound in bytes below which the given percentage of the blocks stayed, the least that the buckets
 * tell: the upper end of the bucket in which that one of them lies. 0: no lifetime is known.
 */
uint64_t lifetimes_percentile(const struct lifetimes *lifetimes, unsigned percent);

/* How many blocks lived for less than so many bytes, as far as whole buckets tell: the limit counts as
 * the next power of two below it, at least 256. */
uint64_t lifetimes_within(const struct lifetimes *lifetimes, uint64_t bytes);

/* The power of two that lifetimes_within() takes for a limit. */
uint64_t lifetimes_limit(uint64_t bytes);

#endif
