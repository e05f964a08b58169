/* SPDX-License-Identifier: MIT */
/*
 * Which reference of a cycle to give up, and why: known patterns first (a table in cycle_break.c),
 * then a reference without which the component has no cycle left, then the one that leads where most
 * references lead.
 */
#ifndef OURO_ANALYZER_CYCLE_BREAK_H
#define OURO_ANALYZER_CYCLE_BREAK_H

#include "cycles/path.h"
#include "structure/arena.h"

struct cycle_break {
    uint32_t at; /* index into the path */
    const char *reason;
    const char *pattern; /* identifier of the pattern, or NULL */
    const char *hint;    /* what to write instead */
};

/*
 * Chooses for a path of length >= 1 through a cycle of the core. Texts are constant or in the arena.
 * Returns 0, or -1 without memory.
 */
int cycle_break_choose(const struct type_order *order, const struct cycle_core *core,
                       uint32_t cycle, const struct cycle_path *path, struct arena *arena,
                       struct cycle_break *choice);

#endif
