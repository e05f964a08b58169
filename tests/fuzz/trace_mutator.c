/* SPDX-License-Identifier: MIT */
#include "trace_mutator.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ouro/trace.h"
#include "trace_builder.h"

enum { HEADER = sizeof(struct ouro_chunk_header), CHUNKS_MOST = 512 };

struct piece {
    size_t at, size; /* with its header */
};

struct trace {
    uint8_t *data;
    size_t size, room;
    struct piece chunks[CHUNKS_MOST];
    unsigned count;
    uint64_t random;
};

uint32_t mutate_random(uint64_t *state, uint32_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)((*state >> 16) % below);
}

static uint32_t pick(struct trace *t, uint32_t below)
{
    return mutate_random(&t->random, below);
}

static uint32_t get32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* Finds the chunks, up to where there are no more. */
static void split(struct trace *t)
{
    t->count = 0;
    for (size_t at = 0; t->count < CHUNKS_MOST && t->size - at >= HEADER;) {
        uint32_t stored = get32(t->data + at + 8);
        if (memcmp(t->data + at, "OURO", 4) != 0 || stored > t->size - at - HEADER)
            break;
        t->chunks[t->count++] = (struct piece){at, HEADER + stored};
        at += HEADER + stored;
    }
}

/* Makes a chunk of another size, what is behind it moves. False: there is no room. */
static bool resize(struct trace *t, struct piece *chunk, size_t size)
{
    size_t end = chunk->at + chunk->size;
    if (t->size - chunk->size + size > t->room)
        return false;
    memmove(t->data + chunk->at + size, t->data + end, t->size - end);
    t->size = t->size - chunk->size + size;
    chunk->size = size;
    return true;
}

/* Header fields and checksum that fit the contents. */
static void fix(struct trace *t, const struct piece *chunk)
{
    uint8_t *header = t->data + chunk->at;
    put32(header + 8, (uint32_t)(chunk->size - HEADER));
    if (!(header[6] & OURO_CHUNK_ZSTD))
        put32(header + 12, (uint32_t)(chunk->size - HEADER));
    build_fix_checksum(header);
}

/* Numbers the chunks of each stream from 0 on. */
static void renumber(struct trace *t)
{
    for (unsigned i = 0; i < t->count; i++) {
        uint8_t *header = t->data + t->chunks[i].at;
        uint32_t sequence = 0, stream = get32(header + 16);
        for (unsigned before = 0; before < i; before++)
            sequence += get32(t->data + t->chunks[before].at + 16) == stream;
        put32(header + 20, sequence);
        build_fix_checksum(header);
    }
}

/* Replaces the varint at some place by one that is near it, or at a limit. */
static size_t change_varint(struct trace *t, uint8_t *data, size_t size, size_t room)
{
    static const uint64_t limits[] = {
        0,          1,          0x7f,       0x80,        0xffff,
        0x7fffffff, 0xfffffffe, 0xffffffff, 0x100000000, UINT64_C(1) << 48,
        INT64_MAX,  UINT64_MAX};
    size_t at = pick(t, (uint32_t)size), length = 1;
    uint64_t value = 0, changed;
    for (unsigned i = 0; i < 10 && at + i < size; i++) {
        value |= i < 9 ? (uint64_t)(data[at + i] & 0x7f) << (7 * i) : 0;
        length = i + 1;
        if (data[at + i] < 0x80)
            break;
    }
    switch (pick(t, 4)) {
    case 0:
        changed = value + 1;
        break;
    case 1:
        changed = value - 1;
        break;
    case 2:
        changed = pick(t, 64);
        break;
    default:
        changed = limits[pick(t, sizeof limits / sizeof *limits)];
    }
    struct payload p = {0};
    payload_varint(&p, changed);
    if (size - length + p.size <= room) {
        memmove(data + at + p.size, data + at + length, size - at - length);
        memcpy(data + at, p.bytes, p.size);
        size = size - length + p.size;
    }
    payload_clear(&p);
    return size;
}

static size_t change_bytes(struct trace *t, uint8_t *data, size_t size, size_t room)
{
    size_t at = pick(t, (uint32_t)size), length = 1 + pick(t, 8);
    switch (pick(t, 5)) {
    case 0:
        data[at] ^= (uint8_t)(1u << pick(t, 8));
        return size;
    case 1:
        data[at] = (uint8_t)pick(t, 256);
        return size;
    case 2: /* cut out */
        length = length < size - at ? length : size - at;
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 3: /* repeat */
        length = length < size - at ? length : size - at;
        if (size + length > room)
            return size;
        memmove(data + at + length, data + at, size - at);
        return size + length;
    default:
        return change_varint(t, data, size, room);
    }
}

/* Changes the contents of one chunk. */
static void change_contents(struct trace *t, mutate_bytes bytes)
{
    struct piece *chunk = &t->chunks[pick(t, t->count)];
    size_t size = chunk->size - HEADER, room = size + 64;
    uint8_t *copy = malloc(room);
    if (!copy)
        abort();
    memcpy(copy, t->data + chunk->at + HEADER, size);
    if (!size)
        copy[size++] = (uint8_t)pick(t, 256);
    size_t changed =
        bytes && pick(t, 2) ? bytes(copy, size, room) : change_bytes(t, copy, size, room);
    if (resize(t, chunk, HEADER + changed)) {
        memcpy(t->data + chunk->at + HEADER, copy, changed);
        fix(t, chunk);
    }
    free(copy);
}

static void change_header(struct trace *t)
{
    uint8_t *header = t->data + t->chunks[pick(t, t->count)].at;
    switch (pick(t, 6)) {
    case 0:
        header[4] = (uint8_t)pick(t, 48);
        break;
    case 1:
        header[6] ^= (uint8_t)(1u << pick(t, 3));
        break;
    case 2:
        put32(header + 12, pick(t, 2) ? pick(t, 1u << 16) : 0xffffffffu >> pick(t, 32));
        break;
    case 3:
        put32(header + 16, pick(t, 4));
        break;
    case 4:
        put32(header + 16, 0xffffffffu >> pick(t, 32));
        break;
    default:
        put32(header + 20, pick(t, 16));
    }
    build_fix_checksum(header);
}

/* Takes a chunk out, or puts another or the same in at another place. */
static void change_order(struct trace *t)
{
    struct piece from = t->chunks[pick(t, t->count)], to = t->chunks[pick(t, t->count)];
    if (pick(t, 2)) {
        memmove(t->data + from.at, t->data + from.at + from.size, t->size - from.at - from.size);
        t->size -= from.size;
    } else if (t->size + from.size <= t->room) {
        uint8_t *copy = malloc(from.size + 1);
        if (!copy)
            abort();
        memcpy(copy, t->data + from.at, from.size);
        memmove(t->data + to.at + from.size, t->data + to.at, t->size - to.at);
        memcpy(t->data + to.at, copy, from.size);
        t->size += from.size;
        free(copy);
    }
    split(t);
    if (pick(t, 4))
        renumber(t);
}

/* What happens to a file: it is cut, or bits of it flip. */
static void damage(struct trace *t)
{
    if (!t->size)
        return;
    if (pick(t, 2))
        t->size = pick(t, (uint32_t)t->size + 1);
    else
        t->data[pick(t, (uint32_t)t->size)] ^= (uint8_t)(1u << pick(t, 8));
}

size_t mutate_trace(uint8_t *data, size_t size, size_t room, uint32_t seed, mutate_bytes bytes)
{
    struct trace t = {data, size, room, {{0, 0}}, 0, (uint64_t)seed * 0x9e3779b97f4a7c15u | 1};
    for (unsigned changes = 1 + pick(&t, 3); changes; changes--) {
        unsigned what = pick(&t, 16);
        split(&t);
        if (!t.count || what == 0)
            damage(&t);
        else if (what == 1)
            change_header(&t);
        else if (what <= 3)
            change_order(&t);
        else
            change_contents(&t, bytes);
    }
    return t.size;
}
