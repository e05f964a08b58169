/* SPDX-License-Identifier: MIT */
/* Cutting UTF-8 text between characters. */
#ifndef OURO_ANALYZER_UTF8_H
#define OURO_ANALYZER_UTF8_H

#include <stddef.h>

/* The most bytes, up to length, that end with a whole character. text has a byte at length (the NUL
 * at its end, or what is cut off). */
static inline size_t utf8_whole(const char *text, size_t length)
{
    while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

#endif
