/* SPDX-License-Identifier: MIT */
/*
 * Objects that a programmer sees as a part of another one: the attribute table of an instance, class
 * or module, the frame of a generator. Runtimes differ in whether such a part exists at all, so
 * reports name what lies beyond it as if it belonged to the owner.
 */
#ifndef OURO_ANALYZER_OWNER_MAP_H
#define OURO_ANALYZER_OWNER_MAP_H

#include "model/model.h"

/*
 * For every object its owner, or NO_ID for those that have none or several. Following owners ends
 * after at most OWNER_MAP_DEPTH steps. Returns an array of object_count entries for free(), or NULL
 * without memory.
 */
#define OWNER_MAP_DEPTH 4
uint32_t *owner_map_build(const struct snapshot *snapshot);

/* The object at the end of the owners of an object: itself when it has none. */
static inline uint32_t owner_map_top(const uint32_t *owner, uint32_t object)
{
    while (owner[object] != NO_ID)
        object = owner[object];
    return object;
}

#endif
