/* SPDX-License-Identifier: MIT */
/*
 * The trace file of this process: creation in the run folder, whole chunks by one write(2) each.
 * Owns the descriptor. Knows nothing of what the chunks mean. Whatever fails here ends the
 * recording with one line on stderr, never the program.
 */
#ifndef OURO_TRACE_FILE_H
#define OURO_TRACE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ouro/trace.h"
#include "payload.h"

struct trace_file {
    int descriptor; /* -1: not open */
    bool failed;    /* recording has ended; said so once */
    bool silent;    /* failing is not worth a line */
    dev_t device;
    ino_t inode;
    uint32_t sequence; /* of stream 0 */
    char name[64];     /* within the run folder */
    char path[PATH_MAX];
};

/*
 * Creates PID-TIME.trace in folder (made 0700 when absent) with O_EXCL and mode 0600, on a high
 * descriptor so that the program's own numbering is undisturbed. False (and one line, unless
 * silent) on failure.
 */
bool trace_file_create(struct trace_file *file, const char *folder, uint64_t wall, bool silent);

/*
 * Appends one chunk. The descriptor is checked to still be ours first: programs close descriptors
 * they do not know and get the number again for a file of theirs. stream 0 counts the file's own
 * sequence, other streams the caller's. False when nothing was written.
 */
bool trace_file_append(struct trace_file *file, enum ouro_chunk type, unsigned flags,
                       uint32_t stream, uint32_t *sequence, const void *payload, size_t stored,
                       size_t raw);

/* Appends the payload to stream 0 and clears it. An overflowed payload is dropped and said so. */
bool trace_file_flush(struct trace_file *file, enum ouro_chunk type, struct payload *payload);

/* Closes the descriptor if it is still ours; the file stays. */
void trace_file_close(struct trace_file *file);

#endif
