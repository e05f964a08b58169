/* SPDX-License-Identifier: MIT */
/*
 * Native memory by mixed stack: the native frames from the caller of malloc or mmap out to the evaluation
 * loop of the runtime, then the runtime's stack. Stacks that differ only beyond the loop are one, but
 * for what they made: a block of malloc or a mapping. What the runtime maps is in no list and no total.
 */
#ifndef OURO_ANALYZER_NATIVE_SITES_H
#define OURO_ANALYZER_NATIVE_SITES_H

#include "model/model.h"
#include "symbols/symbols.h"

struct native_site {
    const uint64_t *addresses; /* the native frames, the innermost first */
    uint32_t count;
    uint32_t site; /* of the runtime, 0: none */
    uint32_t kind; /* enum ouro_native_kind */
    /* Estimates where native memory is sampled and the kind is malloc's, else exact. */
    uint64_t blocks, bytes, alive, alive_bytes;
};

struct native_figures {
    uint64_t blocks, bytes, alive, alive_bytes;
};

struct native_sites {
    struct native_site *list; /* most alive bytes first, then most bytes */
    uint32_t count;
    uint64_t blocks, bytes, alive, alive_bytes; /* of all */
    struct native_figures kinds[OURO_NATIVE_KINDS];
};

/* Orders stacks: by the runtime's site, then by the native frames. */
int native_stack_compare(const struct native_site *x, const struct native_site *y);

/* "malloc", "mapping", "file", "arena". */
const char *native_kind_name(uint32_t kind);

/* Whether the figures of a kind are estimates. */
bool native_is_estimate(const struct process *process, uint32_t kind);

/* Fills the figures of all and no list, which needs no symbols. */
void native_sites_total(const struct process *process, struct native_sites *sites);

/* Returns 0, or -1 without memory; freed by native_sites_free(). Both arguments must outlive it. */
int native_sites_find(const struct process *process, struct symbols *symbols,
                      struct native_sites *sites);
/* One stack with its figures, in units of the trace, and its native part. Returns 0, or -1 without memory. */
int native_site_of(const struct process *process, struct symbols *symbols, uint32_t stack,
                   struct native_site *site);
void native_sites_free(struct native_sites *sites);

#endif
