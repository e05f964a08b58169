/* SPDX-License-Identifier: MIT */
/*
 * The root cycles among the dead objects, and which dead object is there because of which of them.
 *
 * A cycle is a strongly connected component with a reference inside. It is a root cycle when no other
 * cycle leads to it: it is there for its own sake, all other dead objects only because of it.
 */
#ifndef OURO_ANALYZER_CYCLE_ROOTS_H
#define OURO_ANALYZER_CYCLE_ROOTS_H

#include "graph/graph.h"
#include "graph/scc.h"

#define OWNER_NONE UINT32_MAX         /* neither below a root cycle nor leading to one */
#define OWNER_SHARED (UINT32_MAX - 1) /* root cycles of several owners */

struct cycle_roots {
    struct subgraph graph; /* the objects looked at: the dead */
    struct scc scc;
    uint32_t count;
    uint32_t *component; /* root cycle → component, descending */
};

/* Among the objects whose byte in wanted is not 0. Returns 0, or -1 without memory; released by
 * cycle_roots_free() either way. */
int cycle_roots_find(const struct snapshot *snapshot, const uint8_t *wanted,
                     struct cycle_roots *roots);
void cycle_roots_free(struct cycle_roots *roots);

/*
 * Gives each component to the owner of the root cycles that lead to it, if they have the same one, or
 * to OWNER_SHARED. That is what dominators under a virtual root would say, with the root cycles of an
 * owner merged: so nothing is counted twice. An object that leads into a cycle without being part
 * of or below one (the snapshot caught it while it was deallocated) goes where it leads to.
 *
 * owner_of gives each root cycle's owner, below OWNER_SHARED; NULL: each is its own. owner has room
 * for one entry per component.
 */
void cycle_roots_assign(const struct cycle_roots *roots, const uint32_t *owner_of, uint32_t *owner);

#endif
