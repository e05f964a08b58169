/* SPDX-License-Identifier: MIT */
/*
 * Which reference of a cycle to give up, and why: known patterns first (analyzer/patterns), then a
 * reference without which the component has no cycle left, then the one that leads where most
 * references lead. And what else must go where that one does not do.
 */
#ifndef OURO_ANALYZER_CYCLE_BREAK_H
#define OURO_ANALYZER_CYCLE_BREAK_H

#include "cycles/cycle_cuts.h"
#include "patterns/pattern_match.h"
#include "structure/arena.h"

struct cycle_break {
    uint32_t at; /* index into the path */
    const char *reason;
    const char *pattern; /* identifier of the pattern, or NULL */
    const char *hint;    /* what to write instead */
    /*
     * Kinds of references that must go for no cycle to be left, this one included; above CUTS_MAX: more
     * than that, and the others are not listed. 0: it is no matter of references (struct pattern, whole).
     */
    uint32_t cuts;
    struct cycle_step *others;
    uint32_t other_count;
};

/*
 * Chooses for a path of length >= 1 through a cycle of the core; the subject is what of the path is
 * shown, from its beginning. Texts are constant or in the arena. Returns 0, or -1 without memory.
 */
int cycle_break_choose(struct cuts_finder *finder, const struct type_order *order,
                       const struct cycle_core *core, uint32_t cycle, const struct cycle_path *path,
                       const struct pattern_subject *subject, struct arena *arena,
                       struct cycle_break *choice);

/* A hint with {name} and {type} replaced, in the arena; NULL without memory. */
const char *cycle_break_hint(struct arena *arena, const char *hint, const char *name,
                             const char *type);

#endif
