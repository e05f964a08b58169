/* SPDX-License-Identifier: MIT */
/*
 * The cycle to show of a strongly connected component: a shortest one through an instance of its
 * most telling type. That is the user-defined type with the most bytes; without one, a type that is
 * more than a container. Among equally short cycles the one whose steps come first in the order of
 * texts wins, so that the choice does not depend on how objects are numbered.
 */
#ifndef OURO_ANALYZER_PATH_H
#define OURO_ANALYZER_PATH_H

#include "cycles/cycle_core.h"

/* node[i] refers by step[i] to node[i + 1], the last one back to node[0]. */
struct cycle_path {
    uint32_t length;
    uint32_t *node, *step;
};

/* A step of a path as reports print it. */
struct cycle_step {
    const char *type; /* from here … */
    const char *edge; /* … by this reference to the next step's type, the last to the first's */
};

struct path_finder;

/* A finder keeps scratch memory between searches. NULL without memory. */
struct path_finder *path_finder_new(const struct snapshot *snapshot, const struct type_order *order,
                                    const struct cycle_core *core);
void path_finder_free(struct path_finder *finder);

/*
 * The path of a cycle. It belongs to the finder and is valid until the next call. Returns 0, or -1
 * without memory. A component that contains no cycle gives length 0.
 */
int path_find(struct path_finder *finder, uint32_t cycle, struct cycle_path *path);

/* Orders paths by length, then by steps: <0, 0, >0. */
int path_compare(const struct cycle_path *left, const struct cycle_path *right);

/* Whether a type is a mere container or part of the runtime's machinery: its name says little. */
bool path_type_is_plumbing(const char *name);

#endif
