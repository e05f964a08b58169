/* SPDX-License-Identifier: MIT */
/* Which lines grow: the two tests of growth.h, each by itself. */
#ifndef OURO_ANALYZER_GROWTH_JUDGE_H
#define OURO_ANALYZER_GROWTH_JUDGE_H

#include "growth/survivors.h"

/* Whether a line had more alive at each point than at the one before (at one of them as many), and
 * growth did not fade. */
bool growth_is_steady(const struct growth_span *span, const struct growth_line *line);

/* The same of any values, one for each point: least is what they must grow by in all, step_least what
 * is more than nothing. */
bool growth_values_are_steady(const struct growth_span *span, const double *values, double least,
                              double step_least);

enum growth_verdict {
    GROWTH_NONE,
    GROWTH_HELD,     /* what was added is still there, and of all ages */
    GROWTH_RELEASED, /* it is gone in the snapshot: let go when the program ended */
    GROWTH_DEAD,     /* it is garbage */
};

/* What the survivors of a line that grows steadily say. */
enum growth_verdict growth_judge_ages(const struct growth_span *span,
                                      const struct growth_line *line, const struct ages *ages);

/* What to make of a line that grows steadily where there is no snapshot. */
enum growth_verdict growth_judge_alone(const struct growth_span *span);

#endif
