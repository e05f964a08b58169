/* SPDX-License-Identifier: MIT */
#include "export/protobuf.h"

#include <stdlib.h>
#include <string.h>

#include "ouro/varint.h"

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

static unsigned char *room_for(struct protobuf *m, size_t size)
{
    if (m->failed)
        return NULL;
    if (m->size + size > m->room) {
        size_t room = (m->size + size) * 2 + 64;
        unsigned char *bytes = realloc(m->bytes, room);
        if (!bytes) {
            m->failed = true;
            return NULL;
        }
        m->bytes = bytes;
        m->room = room;
    }
    return m->bytes + m->size;
}

static void varint(struct protobuf *m, uint64_t number)
{
    unsigned char *at = room_for(m, OURO_VARINT_MAX);
    if (at)
        m->size += ouro_varint_put(at, number);
}

static void tag(struct protobuf *m, uint32_t field, unsigned wire)
{
    varint(m, (uint64_t)field << 3 | wire);
}

void protobuf_number(struct protobuf *message, uint32_t field, uint64_t number)
{
    if (!number)
        return;
    tag(message, field, WIRE_VARINT);
    varint(message, number);
}

void protobuf_bytes(struct protobuf *message, uint32_t field, const void *bytes, size_t size)
{
    tag(message, field, WIRE_BYTES);
    varint(message, size);
    unsigned char *at = room_for(message, size);
    if (!at || !size)
        return;
    memcpy(at, bytes, size);
    message->size += size;
}

void protobuf_numbers(struct protobuf *message, uint32_t field, const uint64_t *numbers,
                      uint32_t count)
{
    unsigned char one[OURO_VARINT_MAX];
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++)
        size += ouro_varint_put(one, numbers[i]);
    tag(message, field, WIRE_BYTES);
    varint(message, size);
    for (uint32_t i = 0; i < count; i++)
        varint(message, numbers[i]);
}

void protobuf_clear(struct protobuf *message)
{
    message->size = 0;
}

void protobuf_free(struct protobuf *message)
{
    free(message->bytes);
    *message = (struct protobuf){0};
}
