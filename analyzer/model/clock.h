/* SPDX-License-Identifier: MIT */
/*
 * From the allocation clock to time: epochs are the instants at which both are known; in between,
 * bytes are taken to be allocated evenly.
 */
#ifndef OURO_ANALYZER_CLOCK_H
#define OURO_ANALYZER_CLOCK_H

#include "model/model.h"

/* Nanoseconds since the start of the recording at which the clock stood at `clock`. */
uint64_t clock_time(const struct process *process, const struct snapshot *snapshot, uint64_t clock);

#endif
