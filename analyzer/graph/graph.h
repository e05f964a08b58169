/* SPDX-License-Identifier: MIT */
/*
 * The heap as a graph: which references count, and compressed adjacency for parts of it. A snapshot
 * already is a forward graph over its objects; this file owns the one edge predicate all passes use,
 * sub-graphs with numbers of their own, and referrers.
 */
#ifndef OURO_ANALYZER_GRAPH_H
#define OURO_ANALYZER_GRAPH_H

#include "model/model.h"

/* Which references count. */
enum edge_view {
    VIEW_STRONG,    /* every reference that keeps its target alive */
    VIEW_COLLECTOR, /* those among them that the cyclic collector is told of */
};

/* The edge predicate. A weak referent keeps nothing alive, a borrowed reference is not counted. */
static inline bool edge_counts(uint32_t label, enum edge_view view)
{
    if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_REFERENT || (label & OURO_LABEL_BORROWED))
        return false;
    return view == VIEW_STRONG || !(label & OURO_LABEL_HIDDEN);
}

/* Adjacency of nodes 0 … nodes − 1: the targets of n are target[first[n] … first[n + 1] − 1]. */
struct csr {
    uint32_t nodes;
    uint32_t *first; /* nodes + 1 entries */
    uint32_t *target;
};

/* Some objects of a snapshot and the references between them, in ascending order of objects. */
struct subgraph {
    struct csr csr;
    uint32_t *object; /* node → object */
    uint32_t *label;  /* per edge, OURO_LABEL_* */
};

/*
 * The sub-graph of the objects whose byte in wanted is not 0 (one byte per object of the snapshot),
 * over the references that count in the view. Returns 0, or -1 without memory; released by
 * subgraph_free() either way.
 */
int subgraph_build(const struct snapshot *snapshot, const uint8_t *wanted, enum edge_view view,
                   struct subgraph *graph);
void subgraph_free(struct subgraph *graph);

/* Referrers: those of slot s are source[first[s] … first[s + 1] − 1], ascending by object. */
struct referrers {
    uint32_t *first;  /* slots + 1 entries */
    uint32_t *source; /* object */
    uint32_t *label;  /* OURO_LABEL_* of the reference */
};

/*
 * Referrers by counting sort. slot gives each object's slot, below slots, or NO_ID for objects whose
 * referrers are not wanted; NULL: every object is its own slot. Returns and is released as above.
 */
int referrers_build(const struct snapshot *snapshot, const uint32_t *slot, uint32_t slots,
                    enum edge_view view, struct referrers *referrers);
void referrers_free(struct referrers *referrers);

#endif
