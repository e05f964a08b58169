/* SPDX-License-Identifier: MIT */
/* What makes an object a root, in words. */
#ifndef OURO_ANALYZER_ROOT_NAME_H
#define OURO_ANALYZER_ROOT_NAME_H

#include "graph/root_paths.h"

struct root_name {
    const char *text;
    const char *expression; /* how the object is called in the program, or "" */
    bool is_object;         /* text stands for the object itself: a module */
};

/*
 * The name of a root, or of what is unreachable; texts in the arena. several: of roots of the same
 * look, so without what differs among them. Returns 0, or -1 without memory.
 */
int root_name_make(const struct root_paths *paths, uint32_t object, bool several,
                   struct arena *arena, struct root_name *name);

/* Roots with the same number have the same holder. */
uint64_t root_look(const struct root_paths *paths, uint32_t object);

#endif
