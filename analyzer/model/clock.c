/* SPDX-License-Identifier: MIT */
#include "model/clock.h"

uint64_t clock_time(const struct process *process, const struct snapshot *snapshot, uint64_t clock)
{
    uint64_t clock_before = process->start_clock, time_before = 0;
    uint64_t clock_after = snapshot->clock, time_after = snapshot->time;
    for (uint32_t e = 0; e < process->epoch_count; e++) {
        const struct epoch *epoch = &process->epochs[e];
        if (epoch->clock <= clock && epoch->clock >= clock_before) {
            clock_before = epoch->clock;
            time_before = epoch->time;
        }
        if (epoch->clock >= clock && epoch->clock < clock_after) {
            clock_after = epoch->clock;
            time_after = epoch->time;
        }
    }
    if (clock <= clock_before || clock_after <= clock_before || time_after <= time_before)
        return time_before;
    if (clock >= clock_after)
        return time_after;
    double part = (double)(clock - clock_before) / (double)(clock_after - clock_before);
    return time_before + (uint64_t)(part * (double)(time_after - time_before));
}
