/* SPDX-License-Identifier: MIT */
#include "cycles/cycle_roots.h"

#include <stdlib.h>

#include "structure/worklist.h"

/* What is known of a component while roots are looked for. */
#define CYCLIC 1u /* has a reference inside */
#define BELOW 2u  /* a cycle leads to it */

static void cyclic_mark(const struct cycle_roots *roots, uint8_t *known)
{
    const struct csr *csr = &roots->graph.csr;
    for (uint32_t v = 0; v < csr->nodes; v++) {
        uint32_t component = roots->scc.component[v];
        for (uint64_t e = csr->first[v]; !known[component] && e < csr->first[v + 1]; e++)
            known[component] = roots->scc.component[csr->target[e]] == component ? CYCLIC : 0;
    }
}

/*
 * Components are taken in topological order, referrers first, so that everything above one is known
 * when its turn comes.
 */
static int roots_list(struct cycle_roots *roots, uint8_t *known)
{
    const struct csr *csr = &roots->graph.csr;
    const struct scc *scc = &roots->scc;
    struct worklist found = {0};
    for (uint32_t c = scc->count; c-- > 0;) {
        if (!known[c])
            continue;
        if (known[c] == CYCLIC && !worklist_push(&found, c)) {
            worklist_free(&found);
            return -1;
        }
        for (uint32_t i = scc->first[c]; i < scc->first[c + 1]; i++) {
            uint32_t v = scc->member[i];
            for (uint64_t e = csr->first[v]; e < csr->first[v + 1]; e++) {
                if (scc->component[csr->target[e]] != c)
                    known[scc->component[csr->target[e]]] |= BELOW;
            }
        }
    }
    roots->count = (uint32_t)found.count;
    roots->component = found.items;
    return 0;
}

int cycle_roots_find(const struct snapshot *snapshot, const uint8_t *wanted,
                     struct cycle_roots *roots)
{
    *roots = (struct cycle_roots){0};
    if (subgraph_build(snapshot, wanted, VIEW_STRONG, &roots->graph) < 0 ||
        scc_find(&roots->graph.csr, &roots->scc) < 0)
        return -1;
    uint8_t *known = calloc((size_t)roots->scc.count + 1, 1);
    if (!known)
        return -1;
    cyclic_mark(roots, known);
    int status = roots_list(roots, known);
    free(known);
    return status;
}

static uint32_t owner_merge(uint32_t left, uint32_t right)
{
    if (left == OWNER_NONE || left == right)
        return right;
    return right == OWNER_NONE ? left : OWNER_SHARED;
}

void cycle_roots_assign(const struct cycle_roots *roots, const uint32_t *owner_of, uint32_t *owner)
{
    const struct csr *csr = &roots->graph.csr;
    const struct scc *scc = &roots->scc;
    for (uint32_t c = 0; c < scc->count; c++)
        owner[c] = OWNER_NONE;
    for (uint32_t r = 0; r < roots->count; r++)
        owner[roots->component[r]] = owner_of ? owner_of[r] : r;

    /* Downwards: owners of all referrers are final when a component's turn comes. */
    for (uint32_t c = scc->count; c-- > 0;) {
        if (owner[c] == OWNER_NONE)
            continue;
        for (uint32_t i = scc->first[c]; i < scc->first[c + 1]; i++) {
            uint32_t v = scc->member[i];
            for (uint64_t e = csr->first[v]; e < csr->first[v + 1]; e++) {
                uint32_t below = scc->component[csr->target[e]];
                if (below != c)
                    owner[below] = owner_merge(owner[below], owner[c]);
            }
        }
    }
    /* Upwards, for those no root cycle leads to, the nearest first. */
    for (uint32_t c = 0; c < scc->count; c++) {
        for (uint32_t i = scc->first[c]; owner[c] == OWNER_NONE && i < scc->first[c + 1]; i++) {
            uint32_t v = scc->member[i], above = OWNER_NONE;
            for (uint64_t e = csr->first[v]; e < csr->first[v + 1]; e++)
                above = owner_merge(above, owner[scc->component[csr->target[e]]]);
            owner[c] = above;
        }
    }
}

void cycle_roots_free(struct cycle_roots *roots)
{
    subgraph_free(&roots->graph);
    scc_free(&roots->scc);
    free(roots->component);
    *roots = (struct cycle_roots){0};
}
