/* SPDX-License-Identifier: MIT */
/*
 * A made-up program: allocates and frees at random, writes the trace that a recorder would, and keeps
 * every life, so that tests can count again what the analyzer says, slowly and another way.
 */
#ifndef OURO_LIFE_MODEL_H
#define OURO_LIFE_MODEL_H

#include "trace_builder.h"

struct model_life {
    uint32_t row;
    const char *type;            /* NULL: plain memory */
    bool known;                  /* the recorder could read the type at death */
    uint64_t size, birth, death; /* clock, bytes; death 0: alive at the end */
    unsigned cause;
    uint32_t born_epoch, died_epoch; /* numbers, from 1; died_epoch 0: alive at the end */
};

struct model_row {
    uint32_t site, line, flags;
    uint64_t size; /* 0: varies */
    const char *types[3];
    uint32_t type_count;
};

struct life_model {
    struct builder *builder;
    uint64_t seed;
    struct model_row rows[16]; /* [1 … row_count] */
    uint32_t row_count;
    struct model_life *lives;
    uint32_t count, epochs;
    uint64_t clock;
};

/*
 * Runs such a program for so many events, an epoch every 50, with a snapshot of what is alive at the
 * end. With `mixed` rows have up to three types, else one, and all types of the dead are known.
 */
struct life_model *life_model_run(uint64_t seed, uint32_t events, bool mixed);
void life_model_free(struct life_model *model);

/* A number below `below`; the same sequence for the same seed. */
uint64_t life_model_random(uint64_t *seed, uint64_t below);

#endif
