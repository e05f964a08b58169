/* SPDX-License-Identifier: MIT */
/*
 * The strings of a .heapsnapshot, which its other parts refer to by number and which come last in the
 * file. Equal ones have one number.
 */
#ifndef OURO_ANALYZER_HEAPSNAPSHOT_STRINGS_H
#define OURO_ANALYZER_HEAPSNAPSHOT_STRINGS_H

#include <stdio.h>

#include "structure/arena.h"
#include "structure/key_table.h"

struct heapsnapshot_strings {
    struct key_table numbers; /* of their hashes */
    const char **texts;
    uint32_t room;
    struct arena *arena; /* of those that were made */
    bool failed;         /* memory ran out: every number since is 0 */
};

/* Number 0 is "". Returns false without memory; released by heapsnapshot_strings_free() either way. */
bool heapsnapshot_strings_begin(struct heapsnapshot_strings *strings);
void heapsnapshot_strings_free(struct heapsnapshot_strings *strings);

/* The number of a text that stays valid. */
uint32_t heapsnapshot_string(struct heapsnapshot_strings *strings, const char *text);

/* The number of three texts in a row; copied. */
uint32_t heapsnapshot_string_made(struct heapsnapshot_strings *strings, const char *before,
                                  const char *text, const char *after);

/* Writes all of them as a JSON array. */
void heapsnapshot_strings_write(FILE *out, const struct heapsnapshot_strings *strings);

#endif
