/* SPDX-License-Identifier: MIT */
/*
 * From bytes of the traced program, which may be anything, to text that is safe to print: valid UTF-8
 * without control characters, those that turn the direction of text included.
 */
#ifndef OURO_ANALYZER_TEXT_H
#define OURO_ANALYZER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum text_style {
    TEXT_NAME,  /* names and paths: stray bytes, surrogates and control characters become \xNN */
    TEXT_VALUE, /* also \n, \t, \r and a doubled backslash, as Python's repr() writes them */
    TEXT_BYTES, /* as TEXT_VALUE, and every byte above 0x7e becomes \xNN */
};

/* A NUL-terminated copy in the arena, at most four bytes for each one; NULL: no memory. */
const char *text_escape(struct arena *arena, const unsigned char *bytes, size_t length,
                        enum text_style style);

/*
 * The same into a buffer: writes at most room bytes, the terminating NUL included, never a part of a
 * character or escape, and returns the bytes of text written. room is at least 1.
 */
size_t text_escape_into(char *out, size_t room, const unsigned char *bytes, size_t length,
                        enum text_style style);

#endif
