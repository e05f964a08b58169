/* SPDX-License-Identifier: MIT */
/*
 * Native leaks: blocks of malloc that nothing leads to, by what was leaked first. That is a block that no
 * other one leads to, or a cycle of blocks that no other one leads to; what only these lead to lies
 * below them and counts once. Those of one native stack, and cycles of as many blocks, are one group.
 */
#ifndef OURO_ANALYZER_NATIVE_LEAKS_H
#define OURO_ANALYZER_NATIVE_LEAKS_H

#include "analysis/native_sites.h"
#include "model/model.h"
#include "symbols/symbols.h"

struct native_leak {
    const uint64_t *addresses; /* native frames, the innermost first */
    uint32_t frames;
    uint32_t site;       /* of the runtime, 0: none */
    uint32_t cycle;      /* blocks of each cycle; 0: a single block */
    uint64_t block_size; /* where no stack is known: of each single block; else 0 */
    uint64_t count;      /* of single blocks, or of cycles */
    uint64_t blocks, bytes, below_blocks, below_bytes;
    bool possible; /* so few that registers of other threads may hold them */
};

struct native_leaks {
    struct native_leak *list; /* most bytes first, those below included */
    uint32_t count;
    bool estimated; /* the groups are estimates from a sample; how much there is in all is exact */
};

/* A group's stack, without figures. */
struct native_site native_leak_site(const struct native_leak *leak);

/*
 * Groups what the snapshot has found. Returns 0, or -1 without memory; freed by native_leaks_free().
 * All arguments must outlive it.
 */
int native_leaks_find(const struct process *process, const struct snapshot *snapshot,
                      struct symbols *symbols, struct native_leaks *leaks);
void native_leaks_free(struct native_leaks *leaks);

#endif
