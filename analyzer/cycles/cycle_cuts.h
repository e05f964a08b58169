/* SPDX-License-Identifier: MIT */
/*
 * Where one reference does not do: which further kinds of references to give up so that no cycle is left
 * in a component. To find the fewest is NP-hard (minimum feedback arc set); these are enough, and none
 * of them is superfluous.
 */
#ifndef OURO_ANALYZER_CYCLE_CUTS_H
#define OURO_ANALYZER_CYCLE_CUTS_H

#include "cycles/cycle_core.h"

#define CUTS_MAX 8u

/* How hard a step is to give up: a named reference can be made weak, the slot of a container cannot, and
 * some objects never let go of theirs. Lower is easier. */
int cycle_cuts_weakness(const struct step *step);

struct cuts_finder;

/* A finder keeps scratch memory between searches. NULL without memory. */
struct cuts_finder *cuts_finder_new(const struct cycle_core *core);
void cuts_finder_free(struct cuts_finder *finder);

/*
 * Adds to steps, which holds the `given` ones already and has room for CUTS_MAX, those to give up
 * beside them. Returns how many there are then; CUTS_MAX + 1 if even CUTS_MAX do not do; -1 without
 * memory.
 */
int cycle_cuts_complete(struct cuts_finder *finder, uint32_t cycle, uint32_t *steps,
                        uint32_t given);

#endif
