/* SPDX-License-Identifier: MIT */
#include "model/precision.h"

#include "model/estimate.h"

uint64_t precision_lost(const struct process *process)
{
    uint64_t lost = PRECISION_KEPT;
    for (uint32_t n = 0; n < process->note_count; n++) {
        if (process->notes[n].code == OURO_NOTE_TRACER_LOST && process->notes[n].time < lost)
            lost = process->notes[n].time;
    }
    return lost;
}

uint64_t precision_folded(const struct process *process)
{
    uint64_t folded = 0;
    for (uint32_t s = 0; s <= process->site_count; s++)
        folded += (process->sites[s].flags & OURO_SITE_FOLDED) != 0;
    return folded;
}

struct event_counts precision_events(const struct process *process)
{
    struct event_counts sum = {0};
    for (uint32_t r = 0; r <= process->row_count; r++) {
        sum.births += process->rows[r].births;
        for (unsigned cause = 0; cause < 3; cause++)
            sum.deaths[cause] += process->rows[r].deaths[cause];
    }
    sum.births = estimate_whole(process, sum.births);
    for (unsigned cause = 0; cause < 3; cause++)
        sum.deaths[cause] = estimate_whole(process, sum.deaths[cause]);
    return sum;
}
