/* SPDX-License-Identifier: MIT */
#include "growth/growth_judge.h"

/* Less than that many objects in all is nothing to speak of. */
#define GROWN_LEAST 16.0
/* What a line shared with other types grew by is a share: more than half an object is one. */
#define STEP_LEAST 0.5
/* What leaks by chance may not do so in one of the stretches. */
#define QUIET_MOST 1u
/* A cache that fills up slows down: of what was added the later half must have this much. */
#define LATER_LEAST (1.0 / 3)
/* Of what was added so much must be there still. */
#define ALIVE_LEAST 0.5

static double grown(const struct growth_span *span, const struct growth_line *line)
{
    return line->count[span->points - 1] - line->count[0];
}

bool growth_is_steady(const struct growth_span *span, const struct growth_line *line)
{
    return growth_values_are_steady(span, line->count, GROWN_LEAST, STEP_LEAST);
}

bool growth_values_are_steady(const struct growth_span *span, const double *values, double least,
                              double step_least)
{
    uint32_t last = span->points - 1, middle = last / 2, quiet = 0;
    double all = values[last] - values[0];
    if (all < least)
        return false;
    for (uint32_t k = 1; k <= last; k++) {
        double step = values[k] - values[k - 1];
        if (step <= -step_least)
            return false;
        quiet += step < step_least;
    }
    if (quiet > QUIET_MOST)
        return false;
    /* By the clock: stretches are about equal, but what lies between marks may not be. */
    double part = (double)(span->clock[last] - span->clock[middle]) /
                  (double)(span->clock[last] - span->clock[0]);
    double later = values[last] - values[middle];
    return later >= all * part * 2 * LATER_LEAST;
}

/* Without ages, chance must be excluded by the number of points and by what each is the least of. */
static bool counts_suffice(const struct growth_span *span)
{
    return span->points == GROWTH_POINTS_MOST && span->epochs >= 2 * GROWTH_POINTS_MOST;
}

enum growth_verdict growth_judge_alone(const struct growth_span *span)
{
    return counts_suffice(span) ? GROWTH_HELD : GROWTH_NONE;
}

enum growth_verdict growth_judge_ages(const struct growth_span *span,
                                      const struct growth_line *line, const struct ages *ages)
{
    double added = grown(span, line), born = 0, later = ages->live - ages->old;
    if (later < added * ALIVE_LEAST) {
        if (later + ages->dead >= added * ALIVE_LEAST)
            return GROWTH_DEAD;
        return counts_suffice(span) ? GROWTH_RELEASED : GROWTH_NONE;
    }
    if (ages->unknown * 2 > later)
        return counts_suffice(span) ? GROWTH_HELD : GROWTH_NONE;
    uint32_t empty = 0;
    for (uint32_t k = 0; k < span->points; k++) {
        empty += ages->born[k] <= 0;
        born += ages->born[k];
    }
    if (empty > QUIET_MOST)
        return GROWTH_NONE;
    return born + ages->unknown >= added * ALIVE_LEAST ? GROWTH_HELD : GROWTH_NONE;
}
