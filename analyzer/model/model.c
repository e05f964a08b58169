/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#include "structure/arena.h"

const struct snapshot *process_last_snapshot(const struct process *process)
{
    for (uint32_t i = process->snapshot_count; i > 0; i--) {
        if (process->snapshots[i - 1].whole && process->snapshots[i - 1].loaded)
            return &process->snapshots[i - 1];
    }
    return NULL;
}

void site_place(const struct process *process, uint32_t site, const char **file, uint32_t *line,
                const char **function)
{
    const struct site *s = &process->sites[site];
    const struct function_info *f = &process->functions[s->function];
    *file = f->file;
    *line = s->line;
    *function = f->name;
}

void run_free(struct run *run)
{
    if (run)
        arena_free(run->arena); /* run itself included */
}
