/* SPDX-License-Identifier: MIT */
#include "sampling.h"

#include <stdatomic.h>
#include <sys/random.h>
#include <time.h>

#include "id_table.h"
#include "memory.h"
#include "options.h"
#include "poisson.h"

struct sampling sampling;

uint64_t sampling_weigh(uint64_t size)
{
    double p = poisson_probability((double)size / (double)sampling.mean);
    return p <= 0 ? 0 : (uint64_t)(OURO_SAMPLE_UNIT / p + 0.5);
}

bool sampling_setup(uint64_t mean)
{
    sampling.mean = mean;
    if (!mean)
        return true;
    for (uint32_t size = 1; size <= LIVE_SIZE_LIMIT; size++) {
        uint64_t weight = sampling_weigh(size);
        sampling.weights[size] = weight > UINT32_MAX ? UINT32_MAX : (uint32_t)weight;
    }
    sampling.stretches = memory_reserve(SAMPLING_STRETCHES);
    return sampling.stretches != NULL;
}

/*
 * Taken back before it is looked whether that was right: a block that another thread puts into the
 * table meanwhile is found, or its thread marks the stretch after this.
 */
void sampling_unmark(uintptr_t address)
{
    uintptr_t start = address & ~(((uintptr_t)1 << SAMPLING_STRETCH_BITS) - 1);
    const uint32_t *word = live_table_find(start);
    uint32_t blocks = 0;
    if (!word)
        return;
    sampling.stretches[start >> SAMPLING_STRETCH_BITS] = 0;
    for (unsigned i = 0; i < 1u << (SAMPLING_STRETCH_BITS - 4); i++)
        blocks |= word[i];
    if (blocks & LIVE_FIRST)
        sampling_mark(start);
}

/* With a seed given, threads get theirs in the order in which they draw first. */
static uint64_t given_seed(void)
{
    static _Atomic uint64_t drawn;
    uint64_t seed = 0;
    while (options.seed && !seed)
        seed = id_table_mix(options.seed + (atomic_fetch_add(&drawn, 1) + 1) * 0x9e3779b97f4a7c15u);
    return seed;
}

int64_t sampling_draw(uint64_t *state)
{
    if (!*state)
        *state = given_seed();
    while (!*state)
        if (getrandom(state, sizeof *state, GRND_NONBLOCK) != sizeof *state)
            *state = (uint64_t)time(NULL) ^ (uint64_t)(uintptr_t)state;
    *state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    double uniform = ((double)(id_table_mix(*state) >> 11) + 0.5) * 0x1p-53;
    double distance = poisson_minus_log(uniform) * (double)sampling.mean;
    return distance < 1 ? 1 : distance > 1e15 ? (int64_t)1e15 : (int64_t)distance;
}
