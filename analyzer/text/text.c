/* SPDX-License-Identifier: MIT */
#include "text/text.h"

#include <stdint.h>
#include <string.h>

#include "structure/arena.h"

/*
 * Whether a character of three bytes ends a line or changes the direction of what follows it: U+2028
 * to U+202E, U+2066 to U+2069. With those a name can make the rest of a line look like another
 * (CVE-2021-42574).
 */
static bool misleads(const unsigned char *bytes)
{
    return bytes[0] == 0xe2 && ((bytes[1] == 0x80 && bytes[2] >= 0xa8 && bytes[2] <= 0xae) ||
                                (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9));
}

/*
 * Length of the printable UTF-8 character at bytes, 0 when there is none: the well-formed sequences
 * of The Unicode Standard, table 3-7, but C0, DEL and C1 controls, and what misleads.
 */
static size_t character_length(const unsigned char *bytes, size_t left)
{
    unsigned first = bytes[0];
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f;
    unsigned low = 0x80, high = 0xbf;
    size_t length;
    if (first >= 0xc2 && first <= 0xdf) {
        length = 2;
        low = first == 0xc2 ? 0xa0 : 0x80;
    } else if (first >= 0xe0 && first <= 0xef) {
        length = 3;
        low = first == 0xe0 ? 0xa0 : 0x80;
        high = first == 0xed ? 0x9f : 0xbf;
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4;
        low = first == 0xf0 ? 0x90 : 0x80;
        high = first == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (left < length || bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    return length == 3 && misleads(bytes) ? 0 : length;
}

/* Writes one character or escape (at most 4 bytes) and returns how many bytes of input it took. */
static size_t escape_one(char out[4], size_t *written, const unsigned char *bytes, size_t left,
                         enum text_style style)
{
    static const char digits[] = "0123456789abcdef";
    unsigned first = bytes[0];
    const char *letter = NULL;
    if (style != TEXT_NAME && first != 0 && first < 0x80)
        letter = strchr("\\\\\nn\tt\rr", (int)first);
    if (letter && (first == '\\' || first < 0x20)) {
        out[0] = '\\';
        out[1] = letter[1];
        *written = 2;
        return 1;
    }
    size_t length = style == TEXT_BYTES && first > 0x7e ? 0 : character_length(bytes, left);
    if (length) {
        memcpy(out, bytes, length);
        *written = length;
        return length;
    }
    out[0] = '\\';
    out[1] = 'x';
    out[2] = digits[first >> 4];
    out[3] = digits[first & 15];
    *written = 4;
    return 1;
}

size_t text_escape_into(char *out, size_t room, const unsigned char *bytes, size_t length,
                        enum text_style style)
{
    size_t used = 0;
    for (size_t at = 0; at < length;) {
        char piece[4];
        size_t written;
        at += escape_one(piece, &written, bytes + at, length - at, style);
        if (written >= room - used)
            break;
        memcpy(out + used, piece, written);
        used += written;
    }
    out[used] = '\0';
    return used;
}

const char *text_escape(struct arena *arena, const unsigned char *bytes, size_t length,
                        enum text_style style)
{
    size_t needed = 0;
    for (size_t at = 0; at < length;) {
        char piece[4];
        size_t written;
        /* The common case, kept out of the general one for speed. */
        if (bytes[at] >= 0x20 && bytes[at] < 0x7f && bytes[at] != '\\') {
            at++;
            needed++;
            continue;
        }
        at += escape_one(piece, &written, bytes + at, length - at, style);
        if (needed > SIZE_MAX - 5)
            return NULL;
        needed += written;
    }
    if (needed == length)
        return length ? arena_copy(arena, bytes, length) : "";
    char *text = arena_room(arena, needed + 1);
    if (text)
        text_escape_into(text, needed + 1, bytes, length, style);
    return text;
}
