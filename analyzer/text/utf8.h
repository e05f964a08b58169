/* SPDX-License-Identifier: MIT */
/* Cutting UTF-8 text between characters. */
#ifndef OURO_ANALYZER_UTF8_H
#define OURO_ANALYZER_UTF8_H

#include <stddef.h>
#include <string.h>

/* The most bytes, up to length, that end with a whole character. text has a byte at length (the NUL
 * at its end, or what is cut off). */
static inline size_t utf8_whole(const char *text, size_t length)
{
    while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

/* Cuts what is left of a last character off a text that may have filled its room of size bytes. */
static inline void utf8_finish(char *text, size_t size)
{
    size_t length = strlen(text), start = length;
    if (length + 1 < size || !length)
        return;
    while (start > 1 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t needed = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length - (start - 1) < needed)
        text[start - 1] = '\0';
}

#endif
