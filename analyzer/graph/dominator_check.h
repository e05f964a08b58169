/* SPDX-License-Identifier: MIT */
/*
 * Checks a dominator tree of a real heap with an algorithm that has nothing in common with the one
 * that made it: K. Cooper, T. Harvey and K. Kennedy, "A Simple, Fast Dominance Algorithm", 2001, which
 * begins with nothing and repeats until nothing changes. Slow on some graphs, hence the bound.
 */
#ifndef OURO_ANALYZER_DOMINATOR_CHECK_H
#define OURO_ANALYZER_DOMINATOR_CHECK_H

#include "graph/dominators.h"

enum dominator_verdict {
    DOMINATORS_HOLD,
    DOMINATORS_DIFFER,
    DOMINATORS_UNDECIDED, /* too much work */
};

struct dominator_check {
    enum dominator_verdict verdict;
    uint32_t passes;
    uint32_t object; /* DIFFER: the first object for which it does not hold */
};

/*
 * Compares the first tree with that of the roots; blocked is as for dominators_find(), and may not be
 * NULL. Returns 0, or -1 without memory.
 */
int dominators_check(const struct snapshot *snapshot, enum edge_view view, const uint32_t *roots,
                     uint32_t root_count, const uint8_t *blocked,
                     const struct dominators *dominators, struct dominator_check *check);

#endif
