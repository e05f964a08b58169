/* SPDX-License-Identifier: MIT */
/*
 * Private to `ouro dump`: prints the records of one chunk as text. A decoder of its own, which keeps
 * nothing from one chunk to the next and prints what is there, consistent or not.
 */
#ifndef OURO_ANALYZER_DUMP_H
#define OURO_ANALYZER_DUMP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "trace/cursor.h"

struct dump {
    FILE *out;
    char *text; /* room for one escaped text */
    size_t room;
};

/* Prints the payload; marks c failed where it breaks the format. Of unknown types only the
 * size is printed. */
void dump_process_chunk(struct dump *dump, uint16_t type, struct cursor *c);
void dump_event(struct dump *dump, uint16_t type, struct cursor *c);
void dump_snapshot_chunk(struct dump *dump, uint16_t type, struct cursor *c);

/* All that is left of c as escaped, quoted text. */
void dump_text(struct dump *dump, const struct cursor *c);

/* Names of tagged fields, ended by field 0. is_text: the value is text, else an integer. */
struct dump_field {
    uint32_t field;
    const char *name;
    bool is_text;
};
void dump_fields(struct dump *dump, const struct dump_field *fields, struct cursor *c);

/* { first_id, count, count × { length, bytes } }: a string table. */
void dump_strings(struct dump *dump, struct cursor *c);

#endif
