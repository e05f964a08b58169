/* SPDX-License-Identifier: MIT */
#include "cycles/cycle_judge.h"

#include <stdlib.h>

/*
 * Finds the components in which a cycle would survive every tp_clear. A type with a finalizer is given
 * the benefit of the doubt: generators have no tp_clear but are closed by theirs.
 */
int judge_begin(struct judge *w)
{
    const struct subgraph *dead = &w->roots->graph;
    struct subgraph graph = {0};
    struct scc scc = {0};
    int status = -1;
    uint8_t *wanted = calloc((size_t)w->snapshot->object_count + 1, 1);
    w->stuck = calloc((size_t)w->roots->scc.count + 1, 1);
    if (!wanted || !w->stuck)
        goto out;
    for (uint32_t v = 0; v < dead->csr.nodes; v++) {
        uint32_t o = dead->object[v];
        uint32_t flags = w->order->flags[w->order->rank[w->snapshot->type[o]]];
        wanted[o] = w->garbage->class[o] == CLASS_GARBAGE &&
                    !(flags & (OURO_TYPE_CLEAR | OURO_TYPE_FINALIZER));
    }
    if (subgraph_build(w->snapshot, wanted, VIEW_STRONG, &graph) < 0 ||
        scc_find(&graph.csr, &scc) < 0)
        goto out;
    /* Both graphs ascend by object, so one walk maps the nodes of the smaller to the larger. */
    for (uint32_t v = 0, at = 0; v < graph.csr.nodes; v++) {
        while (dead->object[at] != graph.object[v])
            at++;
        for (uint64_t e = graph.csr.first[v]; e < graph.csr.first[v + 1]; e++) {
            if (scc.component[graph.csr.target[e]] == scc.component[v])
                w->stuck[w->roots->scc.component[at]] = 1;
        }
    }
    status = 0;
out:
    free(wanted);
    subgraph_free(&graph);
    scc_free(&scc);
    return status;
}

/* What a member says against its cycle being plain garbage. */
static enum cause member_cause(const struct judge *w, uint32_t v)
{
    uint32_t o = w->roots->graph.object[v];
    uint32_t flags = w->order->flags[w->order->rank[w->snapshot->type[o]]];
    const struct csr *csr = &w->roots->graph.csr;
    switch ((enum object_class)w->garbage->class[o]) {
    case CLASS_UNCOLLECTABLE:
        if (!(flags & OURO_TYPE_TRAVERSE))
            return CAUSE_NO_TRAVERSE;
        if (!(w->snapshot->flags[o] & OURO_OBJECT_TRACKED))
            return CAUSE_UNTRACKED;
        for (uint64_t e = csr->first[v]; e < csr->first[v + 1]; e++) {
            if ((w->roots->graph.label[e] & OURO_LABEL_HIDDEN) &&
                w->roots->scc.component[csr->target[e]] == w->roots->scc.component[v])
                return CAUSE_HIDDEN;
        }
        return CAUSE_NONE;
    case CLASS_LIVE:
        return w->unknown && w->unknown[o] ? CAUSE_HELD : CAUSE_NONE;
    case CLASS_GARBAGE:
        if (flags & OURO_TYPE_LEGACY_DEL)
            return CAUSE_LEGACY_DEL;
        return !(flags & OURO_TYPE_CLEAR) && w->stuck[w->roots->scc.component[v]] ? CAUSE_NO_CLEAR
                                                                                  : CAUSE_NONE;
    default:
        return CAUSE_NONE;
    }
}

void judge_cycle(const struct judge *w, uint32_t cycle, struct judgement *j)
{
    const struct scc *scc = &w->roots->scc;
    uint32_t component = w->roots->component[cycle];
    *j = (struct judgement){.verdict = VERDICT_GARBAGE, .oldest = UINT64_MAX};
    for (uint32_t i = scc->first[component]; i < scc->first[component + 1]; i++) {
        uint32_t v = scc->member[i], o = w->roots->graph.object[v];
        uint32_t flags = w->snapshot->flags[o], class = w->garbage->class[o];
        uint32_t generation = flags >> OURO_OBJECT_GENERATION_SHIFT & 3;
        uint32_t type = w->order->rank[w->snapshot->type[o]];
        enum cause cause = member_cause(w, v);
        j->facts.members++;
        j->facts.frozen += (flags & OURO_OBJECT_FROZEN) != 0;
        if (generation > j->facts.generation)
            j->facts.generation = generation;
        if (object_birth(w->snapshot, o) && object_birth(w->snapshot, o) < j->oldest)
            j->oldest = object_birth(w->snapshot, o);
        if (class == CLASS_SAVED) {
            j->facts.saved = w->snapshot->gc.debug & OURO_GC_SAVEALL;
            if (!j->facts.saved)
                cause = CAUSE_SAVED;
        }
        if (cause == CAUSE_HELD) {
            j->held++;
            j->held_references += w->unknown[o];
        }
        if (class == CLASS_LIVE)
            j->verdict = VERDICT_EXTERNALLY_HELD;
        else if (class == CLASS_UNCOLLECTABLE || cause != CAUSE_NONE)
            j->verdict = VERDICT_UNCOLLECTABLE;
        if (cause != CAUSE_NONE && (j->cause == CAUSE_NONE || cause < j->cause ||
                                    (cause == j->cause && type < j->cause_type))) {
            j->cause = cause;
            j->cause_type = type;
        }
    }
}

void judgement_merge(struct judgement *into, const struct judgement *j)
{
    into->facts.members += j->facts.members;
    into->facts.frozen += j->facts.frozen;
    into->facts.saved |= j->facts.saved;
    into->held += j->held;
    into->held_references += j->held_references;
    if (j->facts.generation > into->facts.generation)
        into->facts.generation = j->facts.generation;
    if (j->oldest < into->oldest)
        into->oldest = j->oldest;
    if (j->cause != CAUSE_NONE && (into->cause == CAUSE_NONE || j->cause < into->cause ||
                                   (j->cause == into->cause && j->cause_type < into->cause_type))) {
        into->cause = j->cause;
        into->cause_type = j->cause_type;
    }
}

void judge_end(struct judge *j)
{
    free(j->stuck);
    j->stuck = NULL;
}
