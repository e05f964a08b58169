/* SPDX-License-Identifier: MIT */
/*
 * The root cycles as a programmer would draw them: only their members and the references between
 * them, with attribute tables and generators' frames collapsed into their owners, and every
 * reference reduced to a step (type, label, type). Steps are numbered in the order of their texts, so
 * nothing computed from them depends on addresses, on the order of objects, or on whether the runtime
 * keeps attributes in a table of their own.
 */
#ifndef OURO_ANALYZER_CYCLE_CORE_H
#define OURO_ANALYZER_CYCLE_CORE_H

#include "graph/graph.h"
#include "graph/scc.h"
#include "model/type_order.h"

struct step {
    uint32_t source, target; /* numbers of struct type_order */
    uint32_t kind;           /* enum ouro_label_kind */
    const char *name;        /* attribute, variable or key; "" if none, or too many keys */
    bool fixed;              /* the source cannot let go of it: a tuple, a bound method, … */
    uint64_t hash;           /* of the texts; without the key, if it is one of a data dict */
};

struct cycle_core {
    uint32_t cycles;
    uint32_t *cycle_first; /* cycles + 1 entries: nodes cycle_first[c] … cycle_first[c + 1] − 1 */
    struct csr csr;        /* references within each cycle */
    uint32_t *step;        /* per reference */
    uint32_t *object;      /* node → object */
    uint64_t *bytes;       /* node → bytes, its collapsed parts included */
    uint32_t step_count;
    struct step *steps;
};

/*
 * The core of the components of scc that are listed in root; owner is the map of owner_map_build(). Returns 0, or -1 without memory; released by cycle_core_free() either way.
 */
int cycle_core_build(const struct snapshot *snapshot, const struct type_order *order,
                     const uint32_t *owner, const struct subgraph *graph, const struct scc *scc,
                     const uint32_t *root, uint32_t roots, struct cycle_core *core);
void cycle_core_free(struct cycle_core *core);

/*
 * Whether a cycle falls apart completely when all references of some steps are taken out of it. Returns
 * 1 or 0, or -1 without memory.
 */
int cycle_core_acyclic_without(const struct cycle_core *core, uint32_t cycle, const uint32_t *steps,
                               uint32_t count);

#endif
