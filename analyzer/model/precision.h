/* SPDX-License-Identifier: MIT */
/* How far what a process recorded can be relied on, and the totals of its ledger. */
#ifndef OURO_ANALYZER_PRECISION_H
#define OURO_ANALYZER_PRECISION_H

#include "model/model.h"

#define PRECISION_KEPT UINT64_MAX

/* Nanoseconds after the start at which another tool took the tracer of references, so that blocks
 * recycled by free lists keep an earlier site from there on; PRECISION_KEPT: none did. */
uint64_t precision_lost(const struct process *process);

/* Sites into which recursion was folded: their stacks stand for deeper ones. */
uint64_t precision_folded(const struct process *process);

/* All births and deaths (reference count, collector, shutdown), as whole numbers. */
struct event_counts {
    uint64_t births, deaths[3];
};
struct event_counts precision_events(const struct process *process);

#endif
