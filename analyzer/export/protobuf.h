/* SPDX-License-Identifier: MIT */
/*
 * Messages in the wire format of Protocol Buffers: varints and what is delimited by a length, which is
 * all that profiles need. A library would bring a compiler into the build for forty lines of code.
 */
#ifndef OURO_ANALYZER_PROTOBUF_H
#define OURO_ANALYZER_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a message so far; a zeroed one is empty. */
struct protobuf {
    unsigned char *bytes;
    size_t size, room;
    bool failed; /* without memory: what was to be added after is lost */
};

/* Adds a field with a number; 0, the default, takes no room. int64 fields take two's complement. */
void protobuf_number(struct protobuf *message, uint32_t field, uint64_t number);

/* Adds a field with bytes: a text, or another message. */
void protobuf_bytes(struct protobuf *message, uint32_t field, const void *bytes, size_t size);

/* Adds a field with a list of numbers, packed. */
void protobuf_numbers(struct protobuf *message, uint32_t field, const uint64_t *numbers,
                      uint32_t count);

/* Empties a message and keeps its memory, for the next one. */
void protobuf_clear(struct protobuf *message);
void protobuf_free(struct protobuf *message);

#endif
