/* SPDX-License-Identifier: MIT */
/*
 * The recorder: turns the site tree and the ledgers into chunks of the process's trace. Owns the
 * trace file, the epoch counter and what has already been written.
 *
 * Lock order: recorder, then site tree. The recorder's lock is never held while the runtime's code
 * runs.
 */
#ifndef OURO_RECORDER_H
#define OURO_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "ouro/trace.h"

struct recorder_process {
    const char *runtime, *version, *build;
    uint32_t flags; /* enum ouro_process_flag, without what options already tell */
};

/* Creates the trace of this process. Call once, when a runtime was found. False on failure. */
bool recorder_start(const struct recorder_process *process);
bool recorder_running(void);

/* Called before every epoch that a ledger's clock brings about, on its thread, without locks. */
extern void (*recorder_watch)(void);

/* Writes what changed since the last epoch. Safe from any thread at any time. */
void recorder_epoch(void);

struct recorder_collection {
    uint32_t generation;
    uint64_t start, pause;  /* ns; pause 0: not known */
    uint64_t objects;       /* the collector says it freed */
    uint64_t blocks, bytes; /* freed meanwhile */
    uint64_t clock;
};
/* Remembers a run of the collector; written with the next epoch. */
void recorder_collection(const struct recorder_collection *collection);

/*
 * Writes a MARK with a name. end: the stretch of the run that it ends is worth an epoch of its own, which
 * is written right before it unless epochs would then take more than a small part of the time.
 */
void recorder_mark(const char *name, bool end);

struct life;
/* Writes a LIVES chunk; the rows and types it names are written first. */
void recorder_lives(const struct life *lives, uint32_t count);

void recorder_note(enum ouro_note code, const char *text);

/*
 * Snapshots. recorder_freeze() ends the epoch and takes the recorder's lock, so that the copy
 * made next finds everything it refers to in the file; recorder_thaw() gives the lock back.
 */
/*
 * Whether a process that leaves is worth a picture: a forked child that has hardly allocated would
 * only show its parent's heap again.
 */
bool recorder_worth_a_snapshot(void);
bool recorder_forked(void); /* whether the process began by fork() */
bool recorder_unborn(void); /* … and has no trace of its own yet */

/* The process made a child by fork(). */
void recorder_child(uint64_t pid);

/* Returns the number of the epoch that ends now or, if none shall, that ended last. */
uint64_t recorder_freeze(bool end_epoch);
void recorder_thaw(void);
void recorder_snapshot_taken(uint32_t number, uint64_t pause, enum ouro_snapshot_reason reason);

/* Whether a copy of the process is still at work. */
bool recorder_copying(void);

/*
 * Keeps the trace marked as being written (a shared flock on a descriptor of its own) until the
 * last copy of the returned descriptor is closed. keep becomes the list of descriptors a copy
 * needs, for photocopy(). -1 and errno when the trace cannot be opened, as a process that gave up its
 * rights cannot: nobody then knows of a copy but who waits for it.
 */
int recorder_hold(int keep[3]);

/* From the copy, whose lock is frozen: appends a chunk of a snapshot's stream. */
bool recorder_append_snapshot(enum ouro_chunk type, unsigned flags, uint32_t stream,
                              uint32_t *sequence, const void *payload, uint64_t stored,
                              uint64_t raw);

/* The process ends or is replaced; may be called again (a failed exec), each adds an END chunk. */
void recorder_end(enum ouro_end_reason reason, bool known, int status);

/*
 * Nothing is written any more from here on, after what there is and a note that says why; and what the
 * program does goes on as before if that was in vain, with a note too.
 */
void recorder_suspend(const char *why);
void recorder_resume(const char *why);

/*
 * Whether this process only has another's memory: a child made by vfork, or by a clone that ran no
 * fork handler. It must not record anything.
 */
bool recorder_borrowed(void);

uint64_t recorder_clock(void);      /* bytes allocated so far */
uint64_t recorder_time(void);       /* ns since the recording started */
uint64_t recorder_live_bytes(void); /* of the blocks that are alive now; takes a while */

/* fork(): before, and after in both processes. */
void recorder_fork_prepare(void);
void recorder_fork_parent(void);
void recorder_fork_child(void); /* the child gets a trace of its own */

#endif
