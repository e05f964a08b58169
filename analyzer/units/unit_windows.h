/* SPDX-License-Identifier: MIT */
/* Which test ran when: from marks, or without them from the stacks of what was allocated. */
#ifndef OURO_ANALYZER_UNIT_WINDOWS_H
#define OURO_ANALYZER_UNIT_WINDOWS_H

#include "units/unit_sites.h"
#include "units/units.h"

/* Lists the tests that marks tell of, with times, clocks and what epochs say. Returns 0, or -1 without
 * memory. */
int unit_windows_of_marks(const struct process *process, struct units *units);

/*
 * Lists the test functions that the runner called; unit_of gets for each site the number of its test,
 * or NO_ID. It has site_count + 1 entries. Returns as above.
 */
int unit_windows_of_sites(const struct process *process, const struct unit_sites *sites,
                          uint32_t *unit_of, struct units *units);

/* The test during which the clock stood there; NO_ID: none. */
uint32_t unit_at(const struct units *units, uint64_t clock);

#endif
