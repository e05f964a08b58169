/* SPDX-License-Identifier: MIT */
/*
 * A growing payload: varints, bytes, tagged fields. Backed by reserved memory, so appending never
 * moves it; once full it remembers the overflow instead of failing at every call.
 */
#ifndef OURO_PAYLOAD_H
#define OURO_PAYLOAD_H

#include <stdbool.h>
#include <string.h>

#include "ouro/varint.h"

struct payload {
    unsigned char *data;
    size_t size, capacity;
    bool overflow; /* something did not fit and was left out */
};

/* Reserves capacity bytes; false when there is no address space. */
bool payload_create(struct payload *payload, size_t capacity);
/* Empties it; memory beyond a few pages goes back to the kernel. */
void payload_clear(struct payload *payload);

static inline void payload_varint(struct payload *payload, uint64_t value)
{
    if (payload->capacity - payload->size < OURO_VARINT_MAX) {
        payload->overflow = true;
        return;
    }
    payload->size += ouro_varint_put(payload->data + payload->size, value);
}

static inline void payload_svarint(struct payload *payload, int64_t value)
{
    payload_varint(payload, ouro_zigzag(value));
}

static inline void payload_bytes(struct payload *payload, const void *data, size_t size)
{
    if (payload->capacity - payload->size < size) {
        payload->overflow = true;
        return;
    }
    if (size)
        memcpy(payload->data + payload->size, data, size);
    payload->size += size;
}

/* { varint length, bytes } */
static inline void payload_counted(struct payload *payload, const void *data, size_t size)
{
    payload_varint(payload, size);
    payload_bytes(payload, data, size);
}

/* Tagged fields: { varint field, varint length, bytes }. */
static inline void payload_field_integer(struct payload *payload, unsigned field, uint64_t value)
{
    payload_varint(payload, field);
    payload_counted(payload, &value, sizeof value);
}

static inline void payload_field_string(struct payload *payload, unsigned field, const char *text)
{
    payload_varint(payload, field);
    payload_counted(payload, text, strlen(text));
}

#endif
