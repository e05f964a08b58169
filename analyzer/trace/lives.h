/* SPDX-License-Identifier: MIT */
/* The payload of a LIVES chunk: one entry for each life of a block, in columns. */
#ifndef OURO_ANALYZER_LIVES_H
#define OURO_ANALYZER_LIVES_H

#include "ouro/trace.h"
#include "trace/cursor.h"

struct life {
    uint32_t row, type;
    uint64_t size;  /* only of rows of variable size */
    uint32_t death; /* clock units, modulo 2^32; of what is alive: the end of the recording */
    uint32_t age;   /* clock units + 1; 0: not known */
    uint8_t cause;  /* of death: reference count, collector, shutdown; or OURO_LIFE_ALIVE */
};

struct lives {
    uint32_t count, done;
    struct cursor columns[OURO_LIFE_COLUMN_COUNT];
    struct life last; /* what differences refer to */
};

/* Starts to read a payload. Returns false when it is not valid. */
static inline bool lives_begin(struct lives *lives, struct cursor *c)
{
    *lives = (struct lives){.count = cursor_count(c, OURO_LIFE_COLUMN_COUNT - 1)};
    for (int column = 0; column < OURO_LIFE_COLUMN_COUNT; column++)
        lives->columns[column] = cursor_part(c);
    return !c->failed && cursor_left(&lives->columns[OURO_LIFE_CAUSE]) == lives->count;
}

/* The row of the next life. Rows are numbered up to row_max. The other columns are read by
 * lives_next(), for which the caller says whether the row's blocks vary in size. */
static inline uint32_t lives_row(struct lives *lives, uint32_t row_max)
{
    struct cursor *c = &lives->columns[OURO_LIFE_ROW];
    int64_t row = (int64_t)lives->last.row + cursor_svarint(c);
    if (row < 0 || row > row_max)
        cursor_fail(c);
    return lives->last.row = c->failed ? 0 : (uint32_t)row;
}

/* Reads the rest of the life that lives_row() began. Returns false when it is not valid. */
static inline bool lives_next(struct lives *lives, uint32_t type_max, bool variable,
                              struct life *life)
{
    struct cursor *c = lives->columns;
    const unsigned char *cause = cursor_bytes(&c[OURO_LIFE_CAUSE], 1);
    lives->last.type = cursor_id(&c[OURO_LIFE_TYPE], type_max);
    lives->last.size = variable ? cursor_varint(&c[OURO_LIFE_SIZE]) : 0;
    lives->last.death += (uint32_t)cursor_svarint(&c[OURO_LIFE_DEATH]);
    lives->last.age = cursor_id(&c[OURO_LIFE_AGE], UINT32_MAX);
    lives->last.cause = cause ? *cause : 0;
    *life = lives->last;
    lives->done++;
    for (int column = 0; column < OURO_LIFE_COLUMN_COUNT; column++) {
        if (c[column].failed)
            return false;
    }
    return cause && *cause <= OURO_LIFE_ALIVE;
}

#endif
