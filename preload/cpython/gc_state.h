/* SPDX-License-Identifier: MIT */
/*
 * The cyclic collector's state, read from the interpreter's memory: nothing is added that the
 * program could see in gc.callbacks.
 */
#ifndef OURO_CPYTHON_GC_STATE_H
#define OURO_CPYTHON_GC_STATE_H

#include <stdbool.h>
#include <stdint.h>

#define GC_GENERATIONS 3

struct gc_state {
    bool enabled, collecting;
    int debug;
    int threshold[GC_GENERATIONS], count[GC_GENERATIONS];
    uint64_t collections[GC_GENERATIONS]; /* runs so far */
    uint64_t collected[GC_GENERATIONS];   /* objects freed so far */
    uint64_t last_pause[GC_GENERATIONS];  /* ns of the last run, 0 before 3.15 */
    uint64_t long_lived_total, long_lived_pending;
};

void gc_read(uintptr_t interpreter, struct gc_state *state);
bool gc_collecting(uintptr_t interpreter);

/*
 * In the copy of the process: no collection starts any more. Few calls of the C API allocate there, but
 * one may be the allocation after which one is due, and the heap would not be what it was.
 */
void gc_stop(uintptr_t interpreter);

/*
 * The list head of generation 0, 1, 2, or GC_GENERATIONS for the permanent one. The list runs
 * through the 16 bytes before each tracked object and ends at the head.
 */
uintptr_t gc_list(uintptr_t interpreter, int generation);

/* The next element of a list, the head included. */
uintptr_t gc_next(uintptr_t element);

/*
 * Whether the lists are where the layout says: heads linked both ways, thresholds plausible.
 * Settles which of two known places it is where patch releases differ.
 */
bool gc_plausible(uintptr_t interpreter);

#endif
