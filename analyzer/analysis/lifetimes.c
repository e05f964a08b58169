/* SPDX-License-Identifier: MIT */
#include "analysis/lifetimes.h"

/* Lifetimes in a bucket are below this. */
static uint64_t bucket_end(unsigned bucket)
{
    return (uint64_t)OURO_CLOCK_UNIT << bucket;
}

void lifetimes_add(struct lifetimes *to, const struct lifetimes *more)
{
    for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++)
        to->bucket[b] += more->bucket[b];
}

uint64_t lifetimes_count(const struct lifetimes *lifetimes)
{
    uint64_t count = 0;
    for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++)
        count += lifetimes->bucket[b];
    return count;
}

uint64_t lifetimes_percentile(const struct lifetimes *lifetimes, unsigned percent)
{
    unsigned __int128 wanted = (unsigned __int128)lifetimes_count(lifetimes) * percent, sum = 0;
    for (unsigned b = 0; wanted && b < OURO_LIFETIME_BUCKETS; b++) {
        sum += lifetimes->bucket[b];
        if (sum * 100 >= wanted)
            return bucket_end(b);
    }
    return 0;
}

uint64_t lifetimes_within(const struct lifetimes *lifetimes, uint64_t bytes)
{
    uint64_t count = lifetimes->bucket[0];
    for (unsigned b = 1; b < OURO_LIFETIME_BUCKETS && bucket_end(b) <= bytes; b++)
        count += lifetimes->bucket[b];
    return count;
}

uint64_t lifetimes_limit(uint64_t bytes)
{
    unsigned bucket = 0;
    while (bucket + 1 < OURO_LIFETIME_BUCKETS && bucket_end(bucket + 1) <= bytes)
        bucket++;
    return bucket_end(bucket);
}
