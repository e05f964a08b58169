/* SPDX-License-Identifier: MIT */
/* The stretches of a run that are compared to tell what grows. */
#ifndef OURO_ANALYZER_GROWTH_SPAN_H
#define OURO_ANALYZER_GROWTH_SPAN_H

#include "model/model.h"

#define GROWTH_POINTS_MOST 9u
#define GROWTH_POINTS_LEAST 5u

/* The stretches of the run that are compared. */
struct growth_span {
    uint32_t points;  /* 0: the run is too short to tell */
    uint32_t epochs;  /* of the process that count: those before the program began to end */
    uint64_t warm_up; /* clock at which the first point begins: what is older is warm-up */
    uint64_t end;     /* clock at which the last one ends */
    /* The end of each point: epoch (its index + 1), clock and time of its last epoch. */
    uint32_t epoch[GROWTH_POINTS_MOST];
    uint64_t clock[GROWTH_POINTS_MOST], time[GROWTH_POINTS_MOST];
    uint64_t missing; /* bytes that would have to be allocated for a verdict, where points is 0 */
};

/*
 * snapshot may be NULL: then all epochs count, else those before it. clocks: of each epoch the clock by
 * which the run is divided; NULL: that of the runtime's allocations.
 */
void growth_span_find(const struct process *process, const struct snapshot *snapshot,
                      const uint64_t *clocks, struct growth_span *span);

/* The point in whose stretch the clock lies; -1 before them. After the last one: the last. */
int growth_span_point(const struct growth_span *span, uint64_t clock);

#endif
