/* SPDX-License-Identifier: MIT */
/*
 * The paths from roots to many objects as one tree: steps that look alike (the same reference from
 * the same place to the same type) are one node, with the number of objects they lead to. Each object
 * is counted once, on the path that root_paths.h gives it.
 */
#ifndef OURO_ANALYZER_MERGED_PATHS_H
#define OURO_ANALYZER_MERGED_PATHS_H

#include "graph/root_paths.h"
#include "model/type_order.h"

struct merged_node {
    const char *type; /* of the objects; of a node of depth 0 what makes them roots */
    const char *edge; /* how the node above refers to them */
    uint32_t depth;
    uint32_t steps;   /* objects of the heap that are this node; 0 for a root that is none */
    uint32_t wanted;  /* of these, wanted ones: where paths end */
    uint32_t objects; /* wanted ones here and below */
    uint64_t bytes;   /* their own */
    uint32_t more, more_objects; /* children left out, and wanted objects there and below */
};

struct merged_paths {
    struct merged_node *nodes; /* each before those below it, most objects first */
    uint32_t count;
    uint32_t objects; /* all wanted ones */
    uint64_t bytes;
    uint32_t more, more_objects; /* roots left out, and wanted objects below them */
};

struct merged_bounds {
    uint32_t depth; /* levels */
    uint32_t top;   /* children of one node */
    double share;   /* of all wanted objects: children with less are left out */
};

/*
 * wanted has a byte for each object. Returns 0, or -1 without memory; released by
 * merged_paths_free() either way. Texts are in the arena.
 */
int merged_paths_build(const struct root_paths *paths, const struct type_order *order,
                       const uint8_t *wanted, const struct merged_bounds *bounds,
                       struct arena *arena, struct merged_paths *merged);
void merged_paths_free(struct merged_paths *merged);

#endif
