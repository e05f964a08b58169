/* SPDX-License-Identifier: MIT */
/*
 * Strongly connected components, iteratively and in one pass (D. J. Pearce, "A space-efficient
 * algorithm for finding strongly connected components", 2016: Tarjan's with one array).
 */
#ifndef OURO_ANALYZER_SCC_H
#define OURO_ANALYZER_SCC_H

#include "graph/graph.h"

struct scc {
    uint32_t count;      /* components */
    uint32_t *component; /* node → component */
    uint32_t *first; /* count + 1 entries: members of c are member[first[c] … first[c + 1] − 1] */
    uint32_t *member; /* nodes, ascending within a component */
};

/*
 * Components are numbered in reverse topological order: an edge between two components leads from
 * the higher number to the lower. Returns 0, or -1 without memory; released by scc_free() either
 * way.
 */
int scc_find(const struct csr *graph, struct scc *scc);
void scc_free(struct scc *scc);

#endif
