/* SPDX-License-Identifier: MIT */
/*
 * A bounds-checked read position in untrusted bytes.
 *
 * Failure is sticky: the first read that runs out of bytes or exceeds its bound sets failed, moves to
 * the end, and that read and every later one gives 0. So a parser reads a whole record and asks once,
 * and a loop over a hostile count ends as soon as it checks.
 */
#ifndef OURO_ANALYZER_CURSOR_H
#define OURO_ANALYZER_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ouro/varint.h"

struct cursor {
    const unsigned char *at, *end;
    bool failed;
};

static inline struct cursor cursor_over(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    return (struct cursor){at, size ? at + size : at, false};
}

/* Bytes not read yet. */
static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* Declares what was read invalid. Returns 0 for the convenience of readers. */
static inline uint64_t cursor_fail(struct cursor *c)
{
    c->failed = true;
    c->at = c->end;
    return 0;
}

/* An unsigned LEB128 integer of at most 64 bits. */
static inline uint64_t cursor_varint(struct cursor *c)
{
    if (c->at != c->end && *c->at < 0x80)
        return *c->at++;
    uint64_t value;
    return ouro_varint_get(&c->at, c->end, &value) ? value : cursor_fail(c);
}

/* The same after zigzag. */
static inline int64_t cursor_svarint(struct cursor *c)
{
    return ouro_unzigzag(cursor_varint(c));
}

/* A varint that must not exceed max. */
static inline uint64_t cursor_bounded(struct cursor *c, uint64_t max)
{
    uint64_t value = cursor_varint(c);
    return value <= max ? value : cursor_fail(c);
}

/* A varint that must not exceed max, for 32-bit identifiers. */
static inline uint32_t cursor_id(struct cursor *c, uint32_t max)
{
    return (uint32_t)cursor_bounded(c, max);
}

/* A varint; what does not fit in 32 bits becomes UINT32_MAX. */
static inline uint32_t cursor_saturated(struct cursor *c)
{
    uint64_t value = cursor_varint(c);
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

/*
 * A count of records of at least record_min (> 0) bytes each, which must fit in what is left: so the
 * memory that a caller allocates for them is bounded by the bytes that are really there.
 */
static inline uint32_t cursor_count(struct cursor *c, size_t record_min)
{
    uint64_t count = cursor_bounded(c, UINT32_MAX - 1);
    return count <= cursor_left(c) / record_min ? (uint32_t)count : (uint32_t)cursor_fail(c);
}

/* The next size bytes, or NULL (also when size is 0 after a failure). */
static inline const unsigned char *cursor_bytes(struct cursor *c, uint64_t size)
{
    if (c->failed || size > cursor_left(c)) {
        cursor_fail(c);
        return NULL;
    }
    const unsigned char *bytes = c->at;
    c->at += size;
    return bytes;
}

/* { varint length, bytes } as a cursor of its own; an empty, failed one when they are not there. */
static inline struct cursor cursor_part(struct cursor *c)
{
    uint64_t size = cursor_varint(c);
    const unsigned char *bytes = cursor_bytes(c, size);
    return bytes ? cursor_over(bytes, (size_t)size) : (struct cursor){c->end, c->end, true};
}

/* The integer of a tagged field: 8 bytes, little-endian. */
static inline uint64_t cursor_int64(struct cursor *c)
{
    const unsigned char *bytes = cursor_bytes(c, 8);
    uint64_t value = 0;
    for (int i = 7; bytes && i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

#endif
