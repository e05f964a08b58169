/* SPDX-License-Identifier: MIT */
/*
 * Runs of the cyclic collector, seen from the allocator: nothing is put into gc.callbacks, where
 * the program would see it.
 *
 * An automatic run starts when the youngest generation's count passes its threshold, at once (up to
 * 3.11) or at the next check of the evaluation loop (3.12 and later); it ends with the count back
 * below. Both are looked at on every birth. The pause measured is the time from the last birth
 * before the run to the first birth after it, hence an upper bound; 3.15 keeps the times itself.
 * A run by gc.collect() is only noticed by its counters, its pause is not known.
 */
#ifndef OURO_CPYTHON_GC_WATCH_H
#define OURO_CPYTHON_GC_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "../ledger.h"

#define GC_WATCHED 64u /* interpreters that can be watched */

/* Starts watching an interpreter's collector for a ledger, in a slot below GC_WATCHED. */
void gc_watch_start(struct ledger *ledger, uintptr_t interpreter, unsigned slot);

/* The count passed the threshold or fell below it. Slow path. */
void gc_watch_turn(struct ledger *ledger);

/*
 * The block of an object dies, the first one while the collector runs, if collections are to be looked
 * at: one that the program asked for may be about to begin.
 */
void gc_watch_starts(struct ledger *ledger, uintptr_t block);

/* When the collector was first seen switched off although a run was due, if it is off still; else 0. */
uint64_t gc_watch_off_since(uintptr_t interpreter);

/* Looks for runs of this thread's collector that were not noticed (gc.collect()). */
void gc_watch_flush(void);

/* After a birth: whether gc_watch_turn() is due. */
static inline bool gc_watch_due(const struct ledger *ledger)
{
    return ((ledger->young_limit - *ledger->young_count) ^ ledger->gc_near) < 0;
}

#endif
