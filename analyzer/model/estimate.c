/* SPDX-License-Identifier: MIT */
#include "model/estimate.h"

#include <math.h>

double estimate_weight(const struct process *process, uint64_t size)
{
    if (!process->sample || !size)
        return 1;
    return -1 / expm1(-(double)size / (double)process->sample);
}

void estimate_share(uint64_t total, const uint64_t *weights, uint32_t count, uint64_t *shares)
{
    unsigned __int128 sum = 0, so_far = 0;
    uint64_t given = 0;
    unsigned shift = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += weights[i];
    while (sum >> shift > UINT64_MAX) /* only a forged trace comes here */
        shift++;
    for (uint32_t i = 0; i < count; i++) {
        /* The running total is rounded, not each share: so they add up. */
        so_far += weights[i];
        uint64_t due = sum ? (uint64_t)(total * (so_far >> shift) / (sum >> shift)) : 0;
        shares[i] = due - given;
        given = due;
    }
}
