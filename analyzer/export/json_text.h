/* SPDX-License-Identifier: MIT */
/* Strings of the model as JSON, for output too large to build in memory. */
#ifndef OURO_ANALYZER_JSON_TEXT_H
#define OURO_ANALYZER_JSON_TEXT_H

#include <stdio.h>

/* Writes `before`, then text in quotes. Texts of the model are valid UTF-8 without control characters:
 * only quotes and backslashes need an escape. */
static inline void json_text(FILE *out, const char *before, const char *text)
{
    fputs(before, out);
    putc_unlocked('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc_unlocked('\\', out);
        putc_unlocked(*text, out);
    }
    putc_unlocked('"', out);
}

#endif
