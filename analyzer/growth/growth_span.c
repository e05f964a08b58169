/* SPDX-License-Identifier: MIT */
#include "growth/growth_span.h"

/* The first part of the run, in which programs import, load and fill their caches. */
#define WARM_UP_DIVISOR 2u

/*
 * Epochs up to the last one that tells of the program at work, and not after the snapshot that is to
 * show what stayed. The epoch that a photograph at the end, or the end itself, brings about is left
 * out: what a program lets go of when it has ended is no sign of anything.
 */
static uint32_t epochs_at_work(const struct process *process, const struct snapshot *snapshot)
{
    uint32_t count = process->epoch_count;
    while (snapshot && count && process->epochs[count - 1].number > snapshot->epoch)
        count--;
    bool at_end = snapshot ? snapshot->reason == OURO_SNAPSHOT_AT_EXIT ||
                                 snapshot->reason == OURO_SNAPSHOT_AT_UEXIT
                           : process->ended;
    return at_end && count > 1 ? count - 1 : count;
}

static uint64_t clock_of(const struct process *p, const uint64_t *clocks, uint32_t epoch)
{
    return clocks ? clocks[epoch] : p->epochs[epoch].clock;
}

/* Divides the clock into points, each of which must have the end of an epoch. */
static bool divide(const struct process *p, const uint64_t *clocks, struct growth_span *span,
                   uint32_t points)
{
    uint64_t length = span->end - span->warm_up;
    uint32_t e = 0;
    while (e < span->epochs && clock_of(p, clocks, e) <= span->warm_up)
        e++;
    for (uint32_t k = 0; k < points; k++) {
        uint64_t limit = span->warm_up + length / points * (k + 1);
        uint32_t before = e;
        while (e < span->epochs && (clock_of(p, clocks, e) <= limit || k + 1 == points))
            e++;
        if (e == before)
            return false;
        span->epoch[k] = e;
        span->clock[k] = clock_of(p, clocks, e - 1);
        span->time[k] = p->epochs[e - 1].time;
    }
    span->points = points;
    return true;
}

void growth_span_find(const struct process *p, const struct snapshot *snapshot,
                      const uint64_t *clocks, struct growth_span *span)
{
    *span = (struct growth_span){.epochs = epochs_at_work(p, snapshot)};
    uint64_t start = p->start_clock;
    span->warm_up = span->end = start;
    if (span->epochs && clock_of(p, clocks, span->epochs - 1) > start) {
        span->end = clock_of(p, clocks, span->epochs - 1);
        span->warm_up = start + (span->end - start) / WARM_UP_DIVISOR;
    }
    for (uint32_t k = GROWTH_POINTS_MOST; k >= GROWTH_POINTS_LEAST; k--) {
        if (divide(p, clocks, span, k))
            return;
    }
    uint64_t step = span->epochs ? (span->end - start) / span->epochs : 0;
    uint64_t need = (step ? step : 1) * GROWTH_POINTS_LEAST * 2;
    span->missing = need > span->end - start ? need - (span->end - start) : step;
}

int growth_span_point(const struct growth_span *span, uint64_t clock)
{
    if (clock < span->warm_up)
        return -1;
    for (uint32_t k = 0; k < span->points; k++) {
        if (clock <= span->clock[k])
            return (int)k;
    }
    return (int)span->points - 1;
}
