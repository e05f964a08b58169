/* SPDX-License-Identifier: MIT */
/*
 * Chunks of a trace file: finds them, checks header and checksum, decompresses. Owns the file and
 * the buffers; knows nothing of what is inside a chunk.
 *
 * Where the bytes at the read position are no valid chunk it goes on at the next valid one and
 * reports what it skipped. Memory: at most two buffers of OURO_CHUNK_MAX, and never more than the
 * largest chunk of the file needs. Time is linear in the file's size whatever the file contains.
 */
#ifndef OURO_ANALYZER_CHUNK_READER_H
#define OURO_ANALYZER_CHUNK_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ouro/trace.h"

struct chunk_reader;

enum chunk_event {
    CHUNK_VALID,   /* a chunk, its payload ready to be parsed */
    CHUNK_UNKNOWN, /* a valid chunk with a flag of a later version: not readable */
    CHUNK_DAMAGED, /* bytes that are no chunk were skipped */
    CHUNK_TAIL,    /* the file ends inside a chunk; these bytes were left out */
    CHUNK_END,
    CHUNK_ERROR, /* the system failed: see chunk_reader_error() */
};

struct chunk {
    uint64_t offset; /* in the file */
    uint64_t length; /* bytes in the file: header and payload, or what was skipped */
    struct ouro_chunk_header header; /* VALID and UNKNOWN, in host byte order */
    const unsigned char *payload;    /* VALID: raw_size bytes until the next call */
    size_t size;
    const char *reason; /* DAMAGED, TAIL: why, a constant */
};

/*
 * Opens a file. Returns NULL and a line in error (without a newline, naming the path) when it cannot
 * be opened or is not a regular file.
 */
struct chunk_reader *chunk_reader_open(const char *path, char *error, size_t error_size);
void chunk_reader_close(struct chunk_reader *reader);

/* The next event; fills *chunk accordingly. After END or ERROR there is nothing more. */
enum chunk_event chunk_reader_next(struct chunk_reader *reader, struct chunk *chunk);

/*
 * The same in two steps: the next event without the payload of a valid chunk, then, if it is wanted,
 * the payload. The second returns VALID, UNKNOWN, DAMAGED or ERROR, for the chunk of the first.
 */
enum chunk_event chunk_reader_skim(struct chunk_reader *reader, struct chunk *chunk);
enum chunk_event chunk_reader_unpack(struct chunk_reader *reader, struct chunk *chunk);

/* Size of the file when it was opened: what was appended later is not read. */
uint64_t chunk_reader_size(const struct chunk_reader *reader);

/* Goes on reading at an offset where a chunk is known to begin. */
void chunk_reader_seek(struct chunk_reader *reader, uint64_t offset);

/* Whether the file begins as a trace does; only then is damage worth that name. */
bool chunk_reader_is_trace(struct chunk_reader *reader);

/* errno of CHUNK_ERROR. */
int chunk_reader_error(const struct chunk_reader *reader);

#endif
