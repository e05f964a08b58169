/* SPDX-License-Identifier: MIT */
/*
 * Variable-length integers of the trace format: unsigned LEB128, zigzag for signed values.
 * Source: DWARF 5, section 7.6; zigzag as in Protocol Buffers.
 */
#ifndef OURO_VARINT_H
#define OURO_VARINT_H

#include <stddef.h>
#include <stdint.h>

#define OURO_VARINT_MAX 10 /* bytes of the longest encoding */

/* Writes value at out, which must have OURO_VARINT_MAX bytes of room. Returns the bytes written. */
static inline size_t ouro_varint_put(unsigned char *out, uint64_t value)
{
    size_t n = 0;
    while (value >= 0x80) {
        out[n++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    out[n++] = (unsigned char)value;
    return n;
}

/*
 * Reads one integer from [*cursor, end). On success stores it, advances *cursor and returns 1;
 * returns 0 and leaves both alone when the bytes run out or the encoding exceeds 64 bits.
 */
static inline int ouro_varint_get(const unsigned char **cursor, const unsigned char *end,
                                  uint64_t *value)
{
    const unsigned char *p = *cursor;
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (p == end)
            return 0;
        uint64_t byte = *p++;
        if (shift == 63 && byte > 1)
            return 0;
        result |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *cursor = p;
            *value = result;
            return 1;
        }
    }
    return 0;
}

static inline uint64_t ouro_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t ouro_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

#endif
