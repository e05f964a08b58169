/* SPDX-License-Identifier: MIT */
#include "analysis/release.h"

#include "graph/graph.h"

#define GONE UINT32_MAX

int release_init(const struct snapshot *snapshot, struct release *release)
{
    *release = (struct release){.snapshot = snapshot};
    release->gone = calloc((size_t)snapshot->object_count + 1, sizeof *release->gone);
    return release->gone ? 0 : -1;
}

void release_free(struct release *release)
{
    free(release->gone);
    worklist_free(&release->dead);
    worklist_free(&release->touched);
    *release = (struct release){0};
}

bool release_object(struct release *release, uint32_t object)
{
    if (release->gone[object] == GONE)
        return true;
    release->gone[object] = GONE;
    return worklist_push(&release->dead, object);
}

/* The runtime would free the object: every reference it counts is gone. */
static bool unheld(const struct release *release, uint32_t object)
{
    const struct snapshot *s = release->snapshot;
    return release->gone[object] == s->refcount[object] && s->refcount[object] &&
           !(s->flags[object] & (OURO_OBJECT_IMMORTAL | OURO_OBJECT_STATIC));
}

bool release_run(struct release *release, uint64_t *bytes)
{
    const struct snapshot *s = release->snapshot;
    for (; release->done < release->dead.count; release->done++) {
        uint32_t o = release->dead.items[release->done];
        *bytes += s->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(s, o);
        for (uint32_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
            uint32_t target = s->edge_target[e];
            if (!edge_counts(s->edge_label[e], VIEW_STRONG) || release->gone[target] == GONE)
                continue;
            bool first = !release->gone[target]++;
            if (unheld(release, target) ? !release_object(release, target)
                                        : first && !worklist_push(&release->touched, target))
                return false;
        }
    }
    return true;
}

void release_reset(struct release *release)
{
    for (size_t i = 0; i < release->touched.count; i++)
        release->gone[release->touched.items[i]] = 0;
    for (size_t i = 0; i < release->dead.count; i++)
        release->gone[release->dead.items[i]] = 0;
    release->touched.count = release->dead.count = release->done = 0;
}
