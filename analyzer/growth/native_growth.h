/* SPDX-License-Identifier: MIT */
/*
 * Native memory that grows for as long as the program runs: by line of the runtime, by the C function
 * that asked for it, and by kind. The run is divided by all that was allocated, objects and native
 * memory; of each stretch counts the low-water mark, as of objects. Bytes must grow and not blocks, since
 * a block may be made larger.
 */
#ifndef OURO_ANALYZER_NATIVE_GROWTH_H
#define OURO_ANALYZER_NATIVE_GROWTH_H

#include "growth/growth_span.h"
#include "model/sites.h"
#include "structure/arena.h"
#include "symbols/symbols.h"

#define NATIVE_SIGNATURE_SIZE sizeof "native:0123456789ab"

struct native_suspect {
    char signature[NATIVE_SIGNATURE_SIZE];
    const char *asker; /* "take in forgetful" */
    uint32_t kind;     /* enum ouro_native_kind */
    uint32_t stack;    /* index of the one of its native stacks that has most alive */
    uint64_t alive, alive_bytes;
    bool released; /* the end of the program let most of it go */
    /* At each point; estimates where the kind is sampled. */
    double count[GROWTH_POINTS_MOST], bytes[GROWTH_POINTS_MOST];
    double count_rate, bytes_rate; /* per second */
    double bytes_per_byte;         /* of all that was allocated */
};

struct native_growth {
    struct growth_span span;
    struct native_suspect *suspects; /* those that grow fastest first */
    uint32_t suspect_count;
    struct arena *arena;
};

/* "blocks of malloc", "mapped memory", …: what there is more and more of. */
const char *native_growth_what(const struct native_suspect *suspect);

/* Returns 0, or -1 without memory; released by native_growth_free() either way. snapshot may be NULL. */
int native_growth_find(const struct process *process, const struct site_table *sites,
                       const struct snapshot *snapshot, struct symbols *symbols,
                       struct native_growth *growth);
void native_growth_free(struct native_growth *growth);

#endif
