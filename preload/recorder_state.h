/* SPDX-License-Identifier: MIT */
/*
 * The recorder's state, shared by recorder.c (the process's trace from its start to its end) and
 * epoch.c (what an epoch writes). Nobody else includes this. All of it is guarded by the lock.
 */
#ifndef OURO_RECORDER_STATE_H
#define OURO_RECORDER_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "payload.h"
#include "private.h"
#include "recorder.h"
#include "trace_file.h"

#define COLLECTIONS 1024u      /* runs of the collector kept until the next epoch */
#define CHUNK_BYTES (4u << 20) /* a table is split into chunks of about this size */

struct recorder_state {
    pthread_mutex_t lock;
    bool running;
    bool suspended; /* was running until the program forbade itself what that needs */
    bool unborn;    /* a forked child whose trace is made when there is something to write */
    bool forked;    /* the process began by fork() */
    uint64_t clock_at_start;
    int owner; /* process id */
    struct trace_file file;
    struct payload payload, column;
    struct recorder_collection collections[COLLECTIONS];
    uint32_t collection_count;
    ZSTD_CCtx *compressor; /* of LIVES chunks, made on first use */
    void *compressed;
    struct recorder_process process;
    char parent_trace[64];
    uint64_t wall;  /* CLOCK_REALTIME when the recording started: names the trace */
    uint64_t began; /* CLOCK_MONOTONIC then: every time in the trace counts from here */
    /* Both, when the process called fork() last. A forked child starts then, however late it comes to
     * run: of two that their parent started, the first has the earlier start. */
    uint64_t fork_wall, fork_began;
    uint64_t epoch;
    uint64_t live_blocks, live_bytes; /* of all rows, as the epochs so far have told */
    uint64_t *changed;                /* a bit for each row that the next epoch tells of */
    uint64_t epoch_time, epoch_cost; /* when the last one was written, and how long that took; ns */
    bool types_wait, types_waited; /* deaths of types not yet written: in this epoch, in the last */
    uint32_t strings_written, functions_written, sites_written, rows_written, types_written,
        folded_written;
};

extern PRIVATE struct recorder_state recorder;

/* Appends the payload as a chunk of the process's stream; failing ends the recording. */
void recorder_flush(enum ouro_chunk type);

/* epoch.c */

/* Writes the tables later chunks may name; returns the last row written. */
uint32_t epoch_write_tables(void);
/* Writes everything that changed since the last epoch and counts a new one. */
void epoch_write(void);
void epoch_write_collections(void);
/* Fills the payload with a LIVES chunk. */
void epoch_put_lives(const struct life *lives, uint32_t count);

#endif
