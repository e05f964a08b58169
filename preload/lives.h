/* SPDX-License-Identifier: MIT */
/*
 * --lives: one record per object life, gathered per ledger and written as LIVES chunks.
 */
#ifndef OURO_LIVES_H
#define OURO_LIVES_H

#include <stdbool.h>
#include <stdint.h>

struct life {
    uint64_t size;
    uint32_t row, type;
    uint32_t death; /* clock units */
    uint32_t age;   /* units lived + 1; 0: birth not known */
    uint8_t cause;
};

#define LIVES_BATCH 65536u

struct lives {
    struct life *batch; /* NULL: not asked for */
    uint32_t count;
};

bool lives_create(struct lives *lives);

/* Writes and empties the batch. */
void lives_flush(struct lives *lives);

static inline struct life *lives_add(struct lives *lives)
{
    if (lives->count == LIVES_BATCH)
        lives_flush(lives);
    return &lives->batch[lives->count++];
}

/* At the end of the process: what is still alive. */
void lives_flush_all(void);

#endif
