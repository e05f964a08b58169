/* SPDX-License-Identifier: MIT */
/* Chunks of the process that tell of something that happened. */
#include "builder.h"

#include <string.h>

void build_collection(struct builder *b, const struct builder_collection *run)
{
    const uint64_t items[] = {run->generation, run->start, run->pause,      run->objects,
                              run->blocks,     run->bytes, builder_clock(b)};
    struct payload p = {0};
    builder_flush(b);
    payload_varint(&p, 1);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        payload_varint(&p, items[i]);
    builder_emit(b, OURO_CHUNK_COLLECTION, 0, &p);
}

void build_lives(struct builder *b, const struct builder_life *lives, size_t count)
{
    struct payload out = {0}, columns[OURO_LIFE_COLUMN_COUNT] = {{0}};
    uint64_t row = 0, death = 0;
    builder_flush(b);
    for (size_t i = 0; i < count; i++) {
        const struct builder_life *life = &lives[i];
        unsigned char cause = (unsigned char)life->cause;
        payload_svarint(&columns[OURO_LIFE_ROW], (int64_t)(life->row - row));
        payload_varint(&columns[OURO_LIFE_TYPE], life->type);
        if (builder_row_varies(b, life->row))
            payload_varint(&columns[OURO_LIFE_SIZE], life->size);
        payload_svarint(&columns[OURO_LIFE_DEATH], (int64_t)(life->death - death));
        payload_varint(&columns[OURO_LIFE_AGE], life->age);
        payload_bytes(&columns[OURO_LIFE_CAUSE], &cause, 1);
        row = life->row;
        death = life->death;
    }
    payload_varint(&out, count);
    for (int i = 0; i < OURO_LIFE_COLUMN_COUNT; i++) {
        payload_part(&out, &columns[i]);
        payload_clear(&columns[i]);
    }
    builder_emit(b, OURO_CHUNK_LIVES, 0, &out);
}

void build_note(struct builder *b, enum ouro_note code, const char *text)
{
    struct payload p = {0};
    builder_flush(b);
    payload_varint(&p, code);
    payload_varint(&p, builder_clock(b));
    payload_varint(&p, builder_time(b));
    payload_bytes(&p, text, strlen(text));
    builder_emit(b, OURO_CHUNK_NOTE, 0, &p);
}

void build_mark(struct builder *b, const char *name)
{
    struct payload p = {0};
    builder_flush(b);
    payload_varint(&p, builder_clock(b));
    payload_varint(&p, builder_time(b));
    payload_bytes(&p, name, strlen(name));
    builder_emit(b, OURO_CHUNK_MARK, 0, &p);
}

void build_child(struct builder *b, uint64_t pid)
{
    struct payload p = {0};
    builder_flush(b);
    payload_varint(&p, pid);
    payload_varint(&p, builder_time(b));
    builder_emit(b, OURO_CHUNK_CHILD, 0, &p);
}

void build_snapshot_taken(struct builder *b, uint32_t number, uint64_t pause)
{
    struct payload p = {0};
    builder_flush(b);
    payload_varint(&p, number);
    payload_varint(&p, pause);
    payload_varint(&p, builder_clock(b));
    payload_varint(&p, builder_time(b));
    builder_emit(b, OURO_CHUNK_SNAPSHOT_TAKEN, 0, &p);
}
