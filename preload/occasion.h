/* SPDX-License-Identifier: MIT */
/*
 * When a snapshot is due while the program runs, and where it is taken: every so many seconds, after
 * so much growth, on request, at marks.
 *
 * Whether one is due is looked at from within an allocation, every OCCASION_POLL bytes. That is not
 * where it is taken: the runtime is asked to call back where its heap is whole (runtime.h:
 * call_later). If it does not for a while, its main thread being in a call that takes long, the
 * snapshot is taken where the next object is born, on whichever thread. A program that allocates
 * nothing changes nothing: an interval passes unused then, and a request is answered by the signal
 * handler itself, if no thread is in the runtime.
 */
#ifndef OURO_OCCASION_H
#define OURO_OCCASION_H

#include <stdbool.h>

/* Set while a snapshot waits to be taken at the birth of an object. */
extern _Atomic bool occasion_here;

/* Before there are ledgers. */
void occasion_setup(void);

/* The recording has begun, and snapshots can be taken; it ends, and only the last one is left. */
void occasion_begin(void);
void occasion_end(void);

/* The birth of an object, while occasion_here is set. Holds no lock, and the runtime's global one. */
void occasion_take(void);

/* A snapshot was asked for. In a signal handler. */
void occasion_request(void);

/* The program passed a mark, on a thread that is not within the recorder. */
void occasion_mark(void);

/* In a forked child. */
void occasion_forked(void);

#endif
