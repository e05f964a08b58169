/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "ouro/varint.h"
#include "trace_builder.h"

void payload_bytes(struct payload *p, const void *bytes, size_t size)
{
    if (size > p->room - p->size) {
        size_t room = p->room * 2 > p->size + size ? p->room * 2 : p->size + size + 64;
        p->bytes = realloc(p->bytes, room);
        if (!p->bytes)
            abort();
        p->room = room;
    }
    if (size)
        memcpy(p->bytes + p->size, bytes, size);
    p->size += size;
}

void payload_varint(struct payload *p, uint64_t value)
{
    unsigned char bytes[OURO_VARINT_MAX];
    payload_bytes(p, bytes, ouro_varint_put(bytes, value));
}

void payload_svarint(struct payload *p, int64_t value)
{
    payload_varint(p, ouro_zigzag(value));
}

void payload_text(struct payload *p, const char *text)
{
    payload_varint(p, strlen(text));
    payload_bytes(p, text, strlen(text));
}

void payload_part(struct payload *p, const struct payload *part)
{
    payload_varint(p, part->size);
    payload_bytes(p, part->bytes, part->size);
}

void payload_int_field(struct payload *p, uint32_t field, uint64_t value)
{
    unsigned char bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    payload_varint(p, field);
    payload_varint(p, sizeof bytes);
    payload_bytes(p, bytes, sizeof bytes);
}

void payload_text_field(struct payload *p, uint32_t field, const char *text)
{
    payload_varint(p, field);
    payload_text(p, text);
}

void payload_clear(struct payload *p)
{
    free(p->bytes);
    *p = (struct payload){0};
}
