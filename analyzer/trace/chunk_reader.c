/* SPDX-License-Identifier: MIT */
#include "trace/chunk_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#define HEADER_BYTES sizeof(struct ouro_chunk_header)
#define KNOWN_FLAGS ((unsigned)OURO_CHUNK_ZSTD)

/*
 * What looks like a chunk and is none costs a hash over the payload that it claims, and a hostile
 * file may consist of nothing else. So this many times the file's size may be hashed in vain; then
 * the rest of the file counts as damaged. Real damage needs a small fraction of it.
 */
#define SCAN_FACTOR 8

/*
 * Chunks may expand to this much in all. Real snapshots are compressed 3 to 20 times, and millions of
 * equal objects in one list, of which only addresses differ now and then, hundreds of times: so small
 * files may expand by a large factor, but only large ones to much.
 */
#define RAW_SMALL_CONSTANT ((uint64_t)1 << 20)
#define RAW_SMALL_FACTOR 4096
#define RAW_CONSTANT ((uint64_t)1 << 30)
#define RAW_FACTOR 256

/* A block of zstd, 128 KiB at most, takes 4 bytes at least (RFC 8878, 3.1.1.2). */
#define ZSTD_FACTOR 32768

#define WINDOW_BYTES ((size_t)64 << 10) /* read at a time while scanning */

struct buffer {
    unsigned char *bytes;
    size_t room;
};

struct chunk_reader {
    int fd, error;
    uint64_t size, at;
    uint64_t sought;      /* where a chunk is known to begin: no scan comes to it */
    uint64_t scan_budget; /* bytes that may still be hashed in vain */
    uint64_t raw_budget;  /* bytes that compressed chunks may still expand to */
    struct buffer stored, raw, window;
    uint64_t window_at; /* place of the window's bytes in the file */
    size_t window_size; /* how many are there */
    ZSTD_DCtx *zstd;
};

static uint64_t little(const unsigned char *bytes, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = width; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static struct ouro_chunk_header header_decode(const unsigned char *bytes)
{
    return (struct ouro_chunk_header){
        .magic = (uint32_t)little(bytes, 4),
        .type = (uint16_t)little(bytes + 4, 2),
        .flags = (uint16_t)little(bytes + 6, 2),
        .stored_size = (uint32_t)little(bytes + 8, 4),
        .raw_size = (uint32_t)little(bytes + 12, 4),
        .stream = (uint32_t)little(bytes + 16, 4),
        .sequence = (uint32_t)little(bytes + 20, 4),
        .checksum = little(bytes + 24, 8),
    };
}

static uint64_t raw_budget(uint64_t size)
{
    uint64_t most = RAW_CONSTANT + size * RAW_FACTOR;
    if (size > most / RAW_SMALL_FACTOR)
        return most;
    uint64_t small = RAW_SMALL_CONSTANT + size * RAW_SMALL_FACTOR;
    return small < most ? small : most;
}

/* Whether what a header says of sizes can be. */
static bool sizes_possible(const struct ouro_chunk_header *header)
{
    if (header->stored_size > OURO_CHUNK_MAX || header->raw_size > OURO_CHUNK_MAX)
        return false;
    if (header->flags & ~KNOWN_FLAGS)
        return true;
    if (header->flags & OURO_CHUNK_ZSTD)
        return header->raw_size <= (uint64_t)header->stored_size * ZSTD_FACTOR;
    return header->raw_size == header->stored_size;
}

struct chunk_reader *chunk_reader_open(const char *path, char *error, size_t error_size)
{
    struct chunk_reader *reader = calloc(1, sizeof *reader);
    struct stat status;
    if (!reader) {
        snprintf(error, error_size, "%s: not enough memory", path);
        return NULL;
    }
    /* Not to wait for a writer should it be a pipe. */
    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (reader->fd < 0 || fstat(reader->fd, &status) != 0) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        goto fail;
    }
    if (!S_ISREG(status.st_mode)) {
        snprintf(error, error_size, "%s: not a regular file", path);
        goto fail;
    }
    reader->size = (uint64_t)status.st_size;
    reader->sought = UINT64_MAX;
    reader->scan_budget = reader->size * SCAN_FACTOR;
    reader->raw_budget = raw_budget(reader->size);
    return reader;
fail:
    chunk_reader_close(reader);
    return NULL;
}

void chunk_reader_close(struct chunk_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    ZSTD_freeDCtx(reader->zstd);
    free(reader->stored.bytes);
    free(reader->raw.bytes);
    free(reader->window.bytes);
    free(reader);
}

uint64_t chunk_reader_size(const struct chunk_reader *reader)
{
    return reader->size;
}

void chunk_reader_seek(struct chunk_reader *reader, uint64_t offset)
{
    reader->at = reader->sought = offset < reader->size ? offset : reader->size;
}

bool chunk_reader_is_trace(struct chunk_reader *reader)
{
    char magic[4];
    return reader->size >= sizeof magic &&
           pread(reader->fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
           memcmp(magic, "OURO", sizeof magic) == 0;
}

int chunk_reader_error(const struct chunk_reader *reader)
{
    return reader->error;
}

static bool buffer_reserve(struct chunk_reader *reader, struct buffer *buffer, size_t size)
{
    if (size <= buffer->room && buffer->bytes)
        return true;
    /* The contents are not needed: no realloc(), which would copy them. */
    free(buffer->bytes);
    buffer->room = size < WINDOW_BYTES ? WINDOW_BYTES : size;
    buffer->bytes = malloc(buffer->room);
    if (buffer->bytes)
        return true;
    buffer->room = 0;
    reader->error = ENOMEM;
    return false;
}

/* Reads size bytes at offset, all within the file. False: a system error, or the file shrank. */
static bool read_at(struct chunk_reader *reader, void *bytes, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(reader->fd, (char *)bytes + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            reader->error = n < 0 ? errno : EIO;
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

enum probe { PROBE_VALID, PROBE_INVALID, PROBE_CUT, PROBE_ERROR };

/* The header at offset, from the window if it is there; size is HEADER_BYTES or what is left. */
static bool read_header(struct chunk_reader *reader, unsigned char *bytes, size_t size,
                        uint64_t offset)
{
    if (offset >= reader->window_at && offset - reader->window_at <= reader->window_size &&
        size <= reader->window_size - (size_t)(offset - reader->window_at)) {
        memcpy(bytes, reader->window.bytes + (offset - reader->window_at), size);
        return true;
    }
    return read_at(reader, bytes, size, offset);
}

/*
 * Is there a chunk at offset? Fills chunk and leaves its stored payload in reader->stored. CUT: what
 * is there may be the beginning of one.
 */
static enum probe probe(struct chunk_reader *reader, uint64_t offset, struct chunk *chunk)
{
    unsigned char bytes[HEADER_BYTES];
    uint64_t left = reader->size - offset;
    size_t there = left < HEADER_BYTES ? (size_t)left : HEADER_BYTES;
    if (!read_header(reader, bytes, there, offset))
        return PROBE_ERROR;
    static const unsigned char magic[4] = {'O', 'U', 'R', 'O'};
    if (memcmp(bytes, magic, there < 4 ? there : 4) != 0) {
        chunk->reason = "not the beginning of a chunk";
        return PROBE_INVALID;
    }
    chunk->reason = "the file ends inside a chunk";
    if (there < HEADER_BYTES)
        return PROBE_CUT;

    struct ouro_chunk_header header = header_decode(bytes);
    if (!sizes_possible(&header)) {
        chunk->reason = "impossible sizes in a chunk header";
        return PROBE_INVALID;
    }
    if (header.stored_size > left - HEADER_BYTES)
        return PROBE_CUT;
    if (header.stored_size > reader->scan_budget && offset != reader->sought) {
        reader->scan_budget = 0;
        chunk->reason = "too much that looks like a chunk and is none";
        return PROBE_INVALID;
    }
    if (!buffer_reserve(reader, &reader->stored, header.stored_size) ||
        !read_at(reader, reader->stored.bytes, header.stored_size, offset + HEADER_BYTES))
        return PROBE_ERROR;
    XXH64_hash_t seed = XXH3_64bits(bytes, 24);
    if (XXH3_64bits_withSeed(reader->stored.bytes, header.stored_size, seed) != header.checksum) {
        reader->scan_budget -=
            header.stored_size < reader->scan_budget ? header.stored_size : reader->scan_budget;
        chunk->reason = "wrong checksum";
        return PROBE_INVALID;
    }
    *chunk = (struct chunk){
        .offset = offset, .length = HEADER_BYTES + header.stored_size, .header = header};
    return PROBE_VALID;
}

enum chunk_event chunk_reader_unpack(struct chunk_reader *reader, struct chunk *chunk)
{
    if (chunk->header.flags & ~KNOWN_FLAGS)
        return CHUNK_UNKNOWN;
    chunk->payload = reader->stored.bytes;
    chunk->size = chunk->header.stored_size;
    if (!(chunk->header.flags & OURO_CHUNK_ZSTD))
        return CHUNK_VALID;

    if (chunk->header.raw_size > reader->raw_budget) {
        chunk->reason = "the trace expands to more than a reader accepts";
        return CHUNK_DAMAGED;
    }
    reader->raw_budget -= chunk->header.raw_size;
    if (!reader->zstd && !(reader->zstd = ZSTD_createDCtx())) {
        reader->error = ENOMEM;
        return CHUNK_ERROR;
    }
    if (!buffer_reserve(reader, &reader->raw, chunk->header.raw_size))
        return CHUNK_ERROR;
    size_t size = ZSTD_decompressDCtx(reader->zstd, reader->raw.bytes, chunk->header.raw_size,
                                      reader->stored.bytes, chunk->header.stored_size);
    if (ZSTD_isError(size) || size != chunk->header.raw_size) {
        chunk->reason = "compressed data that does not decompress";
        return CHUNK_DAMAGED;
    }
    chunk->payload = reader->raw.bytes;
    chunk->size = size;
    return CHUNK_VALID;
}

/* Finds the next place from `from` on that has the magic; the file's size if there is none. */
static bool find_magic(struct chunk_reader *reader, uint64_t from, uint64_t *found)
{
    while (reader->size - from >= HEADER_BYTES) {
        uint64_t in = from - reader->window_at;
        if (from < reader->window_at || in >= reader->window_size ||
            reader->window_size - in < HEADER_BYTES) {
            uint64_t left = reader->size - from;
            reader->window_size = 0;
            size_t size = left < WINDOW_BYTES ? (size_t)left : WINDOW_BYTES;
            if (!buffer_reserve(reader, &reader->window, WINDOW_BYTES) ||
                !read_at(reader, reader->window.bytes, size, from))
                return false;
            reader->window_at = from;
            reader->window_size = size;
            in = 0;
        }
        const unsigned char *at = reader->window.bytes + in;
        size_t size = reader->window_size - (size_t)in;
        const unsigned char *hit = memmem(at, size, "OURO", 4);
        if (hit) {
            *found = from + (uint64_t)(hit - at);
            return true;
        }
        from += size - 3; /* the magic may straddle two windows */
    }
    *found = reader->size;
    return true;
}

/*
 * Skips from reader->at, where there is no valid chunk, to the next valid one or the end of the file.
 * A damaged payload may itself hold a trace; so where the header looks sound the place it says the
 * next chunk is at comes first.
 */
static enum chunk_event skip_damage(struct chunk_reader *reader, enum probe first,
                                    struct chunk *chunk)
{
    uint64_t start = reader->at, place = start;
    const char *reason = chunk->reason;
    unsigned char bytes[HEADER_BYTES];
    struct chunk candidate;
    enum probe result = PROBE_INVALID;

    if (first == PROBE_INVALID && reader->size - start >= HEADER_BYTES) {
        if (!read_at(reader, bytes, HEADER_BYTES, start))
            return CHUNK_ERROR;
        struct ouro_chunk_header header = header_decode(bytes);
        if (header.magic == OURO_TRACE_MAGIC &&
            header.stored_size < reader->size - start - HEADER_BYTES) {
            place = start + HEADER_BYTES + header.stored_size;
            result = probe(reader, place, &candidate);
        }
    }
    if (result != PROBE_VALID)
        place = start;
    while (result != PROBE_VALID && result != PROBE_ERROR && reader->scan_budget > 0) {
        if (!find_magic(reader, place + 1, &place))
            return CHUNK_ERROR;
        if (place == reader->size)
            break;
        result = probe(reader, place, &candidate);
    }
    if (result == PROBE_ERROR)
        return CHUNK_ERROR;
    reader->at = result == PROBE_VALID ? place : reader->size;
    *chunk = (struct chunk){.offset = start, .length = reader->at - start, .reason = reason};
    return first == PROBE_CUT && reader->at == reader->size ? CHUNK_TAIL : CHUNK_DAMAGED;
}

enum chunk_event chunk_reader_next(struct chunk_reader *reader, struct chunk *chunk)
{
    enum chunk_event event = chunk_reader_skim(reader, chunk);
    return event == CHUNK_VALID ? chunk_reader_unpack(reader, chunk) : event;
}

enum chunk_event chunk_reader_skim(struct chunk_reader *reader, struct chunk *chunk)
{
    *chunk = (struct chunk){.offset = reader->at};
    if (reader->error)
        return CHUNK_ERROR;
    if (reader->at >= reader->size)
        return CHUNK_END;

    enum probe result = probe(reader, reader->at, chunk);
    enum chunk_event event = CHUNK_ERROR;
    if (result == PROBE_VALID) {
        reader->at += chunk->length;
        event = chunk->header.flags & ~KNOWN_FLAGS ? CHUNK_UNKNOWN : CHUNK_VALID;
    } else if (result != PROBE_ERROR) {
        event = skip_damage(reader, result, chunk);
    }
    return event;
}
