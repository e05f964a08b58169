/* SPDX-License-Identifier: MIT */
/*
 * The dominator tree of a snapshot: an object dominates another one if every chain of references from
 * a root to the other leads through it, so that the other dies with it. SEMI-NCA (L. Georgiadis,
 * "Linear-Time Algorithms for Dominators and Related Problems", 2005, section 2.3), iterative, in the
 * numbers of a depth-first search.
 *
 * There are two trees. One hangs from the roots; the other has what they do not lead to, and begins at
 * every member of the components nothing else unreachable leads to: which member of a dead cycle
 * came first cannot be told. References from one tree to the other hold nothing.
 */
#ifndef OURO_ANALYZER_DOMINATORS_H
#define OURO_ANALYZER_DOMINATORS_H

#include "graph/graph.h"

/* Immediate dominators that are no object. */
#define DOMINATOR_ROOTS (NO_ID - 1) /* several roots, or a root itself */
#define DOMINATOR_DEAD NO_ID        /* the same for what is unreachable */

struct dominators {
    uint32_t nodes;   /* objects of the snapshot, all of which are in one of the trees */
    uint32_t live;    /* of them in the first tree */
    uint32_t *parent; /* object → its immediate dominator, or DOMINATOR_ROOTS or _DEAD */
    uint32_t *order;  /* objects, each after its dominators; the first `live` are the first tree */
    uint32_t *dead;   /* objects that the second tree begins at */
    uint32_t dead_count;
    uint64_t searched; /* steps in the searches for nearest common ancestors */
};

/*
 * roots are objects, without repetition. blocked has a byte for each object; those where it is not 0
 * belong to the second tree even if a root leads to them (NULL: none). Roots must not be blocked.
 * Returns 0, or -1 without memory or with 2^32 references; released by dominators_free() either way.
 */
int dominators_find(const struct snapshot *snapshot, enum edge_view view, const uint32_t *roots,
                    uint32_t root_count, const uint8_t *blocked, struct dominators *dominators);
void dominators_free(struct dominators *dominators);

/* Bytes that die with each object, its own included. An array of an entry for each object, for
 * free(), or NULL without memory. Objects outside the heap own no bytes. */
uint64_t *dominators_retained(const struct snapshot *snapshot, const struct dominators *dominators);

/* Likewise, but only what of these C code has from malloc. */
uint64_t *dominators_retained_native(const struct snapshot *snapshot,
                                     const struct dominators *dominators);

/* The trees downwards: children of object o are object[first[o] … first[o + 1] − 1], ascending.
 * Those of the roots are at o = nodes, of the dead at o = nodes + 1. */
struct dominated {
    uint32_t *first; /* nodes + 3 entries */
    uint32_t *object;
};

/* Returns 0, or -1 without memory; released by dominated_free() either way. */
int dominated_build(const struct dominators *dominators, struct dominated *dominated);
void dominated_free(struct dominated *dominated);

#endif
