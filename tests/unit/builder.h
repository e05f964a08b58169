/* SPDX-License-Identifier: MIT */
/* Private to the trace builder: what trace_builder.c and snapshot_builder.c share. */
#ifndef OURO_BUILDER_H
#define OURO_BUILDER_H

#include "trace_builder.h"

/* A growing array; abort() when there is no memory. */
#define BUILDER_PUSH(array, count, room, item)                          \
    do {                                                                \
        if ((count) == (room)) {                                        \
            (room) = (room) ? (room)*2 : 16;                            \
            (array) = builder_resize((array), (room), sizeof *(array)); \
        }                                                               \
        (array)[(count)++] = (item);                                    \
    } while (0)

void *builder_resize(void *array, size_t count, size_t size);

/* Ends the program, naming the misuse. */
_Noreturn void builder_misuse(const char *what);

/* A string table that shares equal strings and remembers what has not been written yet. */
struct builder_strings {
    char **text;
    size_t count, room;
    size_t written;
};
uint32_t builder_strings_add(struct builder_strings *strings, const char *text);
/* Writes what is new as one chunk. */
void builder_strings_flush(struct builder *b, struct builder_strings *strings, uint16_t type,
                           uint32_t stream);
void builder_strings_free(struct builder_strings *strings);

/* One chunk, compressed if the builder is told to, then clears the payload. */
void builder_emit(struct builder *b, uint16_t type, uint32_t stream, struct payload *payload);

/* Writes the process chunk and the definitions of stream 0 that are not written yet. */
void builder_flush(struct builder *b);

/* Those of the last epoch. */
uint64_t builder_clock(const struct builder *b);
uint64_t builder_time(const struct builder *b);

/* Whether the blocks of a row vary in size. */
bool builder_row_varies(const struct builder *b, uint32_t row);

uint64_t builder_epochs(const struct builder *b);

struct builder_snapshot *builder_snapshot_new(struct builder *b, uint32_t number);
void builder_snapshot_free(struct builder_snapshot *s);

#endif
