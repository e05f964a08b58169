/* SPDX-License-Identifier: MIT */
/*
 * Strings that a place makes over and over and drops: no snapshot has them. From samples of what
 * died, so all figures but the number of samples are estimates.
 */
#ifndef OURO_ANALYZER_REMADE_H
#define OURO_ANALYZER_REMADE_H

#include "model/sites.h"

/* A place is listed if so many values at most are so large a part of so many samples at least. */
#define REMADE_VALUES 8u
#define REMADE_SHARE 0.5
#define REMADE_SAMPLES 20u

struct remade_value {
    const char *value; /* NULL when withheld */
    bool truncated, bytes;
    uint64_t samples;
};

struct remade_place {
    uint32_t site;    /* the program's frame */
    uint64_t samples; /* of strings made there */
    uint64_t again;   /* of these, of the values below */
    uint64_t objects; /* that these stand for */
    uint64_t bytes;
    struct remade_value *values; /* most samples first */
    uint32_t value_count;
};

struct remade {
    uint64_t every;              /* mean bytes of allocation between samples; 0: none were taken */
    uint64_t samples;            /* in all places */
    struct remade_place *places; /* most bytes first */
    uint32_t count;
    struct arena *arena;
};

/* Returns 0, or -1 without memory; released by remade_free() either way. */
int remade_find(const struct process *process, const struct site_table *sites,
                struct remade *remade);
void remade_free(struct remade *remade);

#endif
