/* SPDX-License-Identifier: MIT */
#include "cycles/cycle_cuts.h"

#include <stdlib.h>
#include <string.h>

#include "graph/scc.h"

struct cuts_finder {
    const struct cycle_core *core;
    uint32_t *references; /* step → how many still close a cycle; 0 between searches */
    uint32_t *first;      /* scratch: the component without the references given up */
    uint32_t *target, *step;
    size_t node_room, edge_room;
};

int cycle_cuts_weakness(const struct step *step)
{
    if (step->fixed)
        return 4;
    switch (step->kind) {
    case OURO_LABEL_ATTRIBUTE:
        return 0;
    case OURO_LABEL_LOCAL:
    case OURO_LABEL_CELL:
        return 1;
    case OURO_LABEL_KEY:
        return 2;
    default:
        return 3;
    }
}

struct cuts_finder *cuts_finder_new(const struct cycle_core *core)
{
    struct cuts_finder *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->core = core;
    f->references = calloc((size_t)core->step_count + 1, sizeof *f->references);
    if (f->references)
        return f;
    free(f);
    return NULL;
}

void cuts_finder_free(struct cuts_finder *f)
{
    if (!f)
        return;
    free(f->references);
    free(f->first);
    free(f->target);
    free(f->step);
    free(f);
}

static bool room_make(struct cuts_finder *f, size_t nodes, size_t edges)
{
    if (nodes > f->node_room) {
        free(f->first);
        f->first = malloc(nodes * sizeof *f->first);
        f->node_room = f->first ? nodes : 0;
    }
    if (edges > f->edge_room) {
        free(f->target);
        free(f->step);
        f->target = malloc(edges * sizeof *f->target);
        f->step = malloc(edges * sizeof *f->step);
        f->edge_room = f->target && f->step ? edges : 0;
    }
    return f->node_room >= nodes && f->edge_room >= edges;
}

/* The component without some steps, its nodes numbered from 0. */
static void reduce(struct cuts_finder *f, uint32_t cycle, const uint32_t *given, uint32_t count,
                   struct csr *csr)
{
    const struct cycle_core *core = f->core;
    uint32_t begin = core->cycle_first[cycle], nodes = core->cycle_first[cycle + 1] - begin;
    uint32_t edges = 0;
    for (uint32_t n = 0; n < nodes; n++) {
        f->first[n] = edges;
        for (uint64_t e = core->csr.first[begin + n]; e < core->csr.first[begin + n + 1]; e++) {
            bool gone = false;
            for (uint32_t i = 0; i < count; i++)
                gone |= given[i] == core->step[e];
            if (gone)
                continue;
            f->target[edges] = core->csr.target[e] - begin;
            f->step[edges++] = core->step[e];
        }
    }
    f->first[nodes] = edges;
    *csr = (struct csr){nodes, f->first, f->target};
}

/*
 * The next step to give up: the easiest of those that still close a cycle, then the most frequent, then
 * the first in the order of texts. NO_ID: no cycle is left.
 */
static uint32_t next_cut(struct cuts_finder *f, const struct csr *csr, const struct scc *scc)
{
    uint32_t best = NO_ID;
    for (uint32_t n = 0; n < csr->nodes; n++) {
        for (uint64_t e = csr->first[n]; e < csr->first[n + 1]; e++)
            f->references[f->step[e]] += scc->component[n] == scc->component[csr->target[e]];
    }
    for (uint64_t e = 0; e < csr->first[csr->nodes]; e++) {
        uint32_t s = f->step[e];
        if (!f->references[s] || s == best)
            continue;
        if (best == NO_ID) {
            best = s;
            continue;
        }
        int a = cycle_cuts_weakness(&f->core->steps[s]);
        int b = cycle_cuts_weakness(&f->core->steps[best]);
        if (a != b                                    ? a < b
            : f->references[s] != f->references[best] ? f->references[s] > f->references[best]
                                                      : s < best)
            best = s;
    }
    for (uint64_t e = 0; e < csr->first[csr->nodes]; e++)
        f->references[f->step[e]] = 0;
    return best;
}

int cycle_cuts_complete(struct cuts_finder *f, uint32_t cycle, uint32_t *steps, uint32_t given)
{
    const struct cycle_core *core = f->core;
    uint32_t begin = core->cycle_first[cycle], end = core->cycle_first[cycle + 1];
    uint64_t edges = core->csr.first[end] - core->csr.first[begin];
    uint32_t count = given;
    if (!room_make(f, (size_t)(end - begin) + 1, edges + 1))
        return -1;
    for (;;) {
        struct csr csr;
        struct scc scc = {0};
        reduce(f, cycle, steps, count, &csr);
        if (scc_find(&csr, &scc) < 0) {
            scc_free(&scc);
            return -1;
        }
        uint32_t next = next_cut(f, &csr, &scc);
        scc_free(&scc);
        if (next == NO_ID)
            break;
        if (count == CUTS_MAX)
            return CUTS_MAX + 1;
        steps[count++] = next;
    }
    /* A later cut may have made an earlier one superfluous. */
    for (uint32_t i = given; i < count && count > given + 1;) {
        uint32_t without[CUTS_MAX], kept = 0;
        for (uint32_t j = 0; j < count; j++) {
            if (j != i)
                without[kept++] = steps[j];
        }
        int acyclic = cycle_core_acyclic_without(core, cycle, without, kept);
        if (acyclic < 0)
            return -1;
        if (acyclic)
            memcpy(steps, without, --count * sizeof *steps);
        else
            i++;
    }
    return (int)count;
}
