/* SPDX-License-Identifier: MIT */
/*
 * Figures of sampled allocations: how many blocks a recorded one stands for, and from the fixed-point
 * sums of the ledger to numbers. In a run that records every block, weights are 1 and numbers exact.
 */
#ifndef OURO_ANALYZER_ESTIMATE_H
#define OURO_ANALYZER_ESTIMATE_H

#include "model/model.h"

/* How many blocks of that size a recorded one stands for: 1 / (1 − e^(−size/R)). */
double estimate_weight(const struct process *process, uint64_t size);

/* A sum of counts or bytes of the ledger, rounded. Add first, then this. */
static inline uint64_t estimate_whole(const struct process *process, uint64_t sum)
{
    return process->unit > 1 ? sum / process->unit + (sum % process->unit * 2 >= process->unit)
                             : sum;
}

/*
 * Shares a total out by weights (count of them, at least one above 0 unless total is 0), in whole
 * numbers that add up to it. No share is above its weight if the total is not above the sum of
 * weights. The same weights in the same order give the same shares.
 */
void estimate_share(uint64_t total, const uint64_t *weights, uint32_t count, uint64_t *shares);

#endif
