/* SPDX-License-Identifier: MIT */
/*
 * Where objects pile up: of the paths from roots to some objects, the last step that most of them have
 * in common. What comes after it differs from object to object, so it is the container that grows.
 */
#ifndef OURO_ANALYZER_CONTAINER_H
#define OURO_ANALYZER_CONTAINER_H

#include "graph/root_paths.h"

struct container {
    uint32_t object; /* NO_ID: the objects have nothing in common */
    uint32_t entry;  /* below it, on the path to one of the objects: what is put into it */
    double share;    /* of the objects, how many are below it */
    bool chain;      /* it is the first link of a chain, to which the others were added */
};

/* Scratch memory for many searches. Returns 0, or -1 without memory; released either way. */
struct container_finder {
    const struct root_paths *paths;
    uint32_t *visits; /* by object */
    uint32_t *touched;
    uint32_t touched_count;
};
int container_finder_make(const struct root_paths *paths, struct container_finder *finder);
void container_finder_free(struct container_finder *finder);

/* The container of some objects; where their paths are very long, of the first of them. */
struct container container_find(struct container_finder *finder, const uint32_t *objects,
                                uint32_t count);

/* Whether the path to an object leads through a container. Adds the steps it took to *steps. */
bool container_is_above(const struct root_paths *paths, uint32_t container, uint32_t object,
                        uint32_t *steps);

#endif
