/* SPDX-License-Identifier: MIT */
/* The cycles that tests left: those still there, and what the collector freed. */
#ifndef OURO_ANALYZER_UNIT_CYCLES_H
#define OURO_ANALYZER_UNIT_CYCLES_H

#include "units/unit_sites.h"
#include "units/units.h"

/*
 * Counts the root cycles of each test: unit_of_object gives the test that left a dead object, or NO_ID.
 * Returns 0, or -1 without memory.
 */
int unit_cycles_count(const struct snapshot *snapshot, const struct garbage *garbage,
                      const uint32_t *unit_of_object, struct units *units);

/*
 * Shares what the collector freed among the tests of the function that allocated it. unit_of_site as from
 * unit_windows_of_sites(), or NULL: functions are known by name. Returns as above.
 */
int unit_cycles_collected(const struct process *process, const struct unit_sites *sites,
                          const uint32_t *unit_of_site, struct units *units);

#endif
