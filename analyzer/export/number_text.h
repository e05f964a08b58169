/* SPDX-License-Identifier: MIT */
/*
 * Long lists of numbers as text. A heap of millions of objects is tens of millions of numbers, and
 * printf() takes longer for them than their analysis does.
 */
#ifndef OURO_ANALYZER_NUMBER_TEXT_H
#define OURO_ANALYZER_NUMBER_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* Writes a number and the character before it; 0: none. Errors are those of the stream. */
static inline void number_text(FILE *out, char before, uint64_t number)
{
    char text[24], *at = text + sizeof text;
    do {
        *--at = (char)('0' + number % 10);
    } while (number /= 10);
    if (before)
        *--at = before;
    fwrite_unlocked(at, 1, (size_t)(text + sizeof text - at), out);
}

#endif
