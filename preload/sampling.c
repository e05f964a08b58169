/* SPDX-License-Identifier: MIT */
#include "sampling.h"

#include <stdatomic.h>
#include <sys/random.h>
#include <time.h>

#include "id_table.h"
#include "memory.h"
#include "options.h"

struct sampling sampling;

/*
 * Own arithmetic for two functions: libm must not come into the program's global symbol scope.
 *
 * 1 − e^(−x), x ≥ 0: halved until the series needs four terms, then doubled back by
 * 1 − e^(−2y) = p (2 − p) with p = 1 − e^(−y). Relative error below 1e-12.
 */
static double probability(double x)
{
    unsigned halvings = 0;
    if (x > 64)
        return 1;
    while (x > 0x1p-10) {
        x /= 2;
        halvings++;
    }
    double p = x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4)));
    while (halvings--)
        p *= 2 - p;
    return p;
}

/* −ln u, 0 < u < 1: u = m 2^e with m in [1/√2, √2), ln m = 2 artanh((m−1)/(m+1)) by its series. */
static double minus_log(double u)
{
    int exponent = 0;
    while (u < 0.70710678118654752) {
        u *= 2;
        exponent++;
    }
    double t = (u - 1) / (u + 1), t2 = t * t, sum = 0;
    for (int k = 19; k >= 1; k -= 2)
        sum = sum * t2 + 1.0 / k;
    return exponent * 0.69314718055994531 - 2 * t * sum;
}

uint64_t sampling_weigh(uint64_t size)
{
    double p = probability((double)size / (double)sampling.mean);
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
    double distance = minus_log(uniform) * (double)sampling.mean;
    return distance < 1 ? 1 : distance > 1e15 ? (int64_t)1e15 : (int64_t)distance;
}
