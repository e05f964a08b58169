/* SPDX-License-Identifier: MIT */
#include "graph/dominators.h"

#include <stdlib.h>
#include <string.h>

#include "graph/scc.h"
#include "structure/worklist.h"

/*
 * Numbers are given in the order of the depth-first search. 0 is the root of the first tree; the root
 * of the second comes right after the last object of the first.
 */
struct search {
    const struct snapshot *snapshot;
    enum edge_view view;
    uint32_t *number; /* object → number, 0: not reached */
    uint32_t *object; /* number → object, NO_ID for the two roots */
    uint32_t *idom;   /* number → parent in the search, then immediate dominator */
    uint32_t count;   /* numbers given */
    uint32_t second;  /* number of the second root */
    /* Ancestors with paths compressed and the least semidominator on the way there (that one is not
     * included). Later: links that skip dominators, and depths. */
    uint32_t *ancestor, *best;
    uint32_t *semi;
    /* References that are not in the tree of the search: sources of those that lead to number n are
     * from[first[n] … first[n + 1] − 1]. */
    uint32_t *first, *from;
};

static bool counts(const struct search *s, uint64_t edge)
{
    return edge_counts(s->snapshot->edge_label[edge], s->view);
}

static void number_give(struct search *s, uint32_t object, uint32_t parent)
{
    s->number[object] = s->count;
    s->object[s->count] = object;
    s->idom[s->count++] = parent;
}

/* Numbers what is reachable from an object that has just got its number. next is the stack: one
 * reference to look at for each object on the way down. */
static int descend(struct search *s, uint32_t object, const uint8_t *blocked, uint64_t **next,
                   size_t *room)
{
    const struct snapshot *snapshot = s->snapshot;
    size_t depth = 0;
    uint32_t top = s->number[object];
    for (uint64_t e = snapshot->edge_first[object];;) {
        uint64_t end = snapshot->edge_first[s->object[top] + 1];
        while (e < end) {
            uint32_t target = snapshot->edge_target[e];
            if (!s->number[target] && !(blocked && blocked[target]) && counts(s, e))
                break;
            e++;
        }
        if (e == end) {
            if (depth == 0)
                return 0;
            e = (*next)[--depth];
            top = s->idom[top];
            continue;
        }
        if (depth == *room) {
            size_t wanted = *room ? *room * 2 : 4096;
            uint64_t *moved = realloc(*next, wanted * sizeof *moved);
            if (!moved)
                return -1;
            *next = moved;
            *room = wanted;
        }
        (*next)[depth++] = e + 1;
        number_give(s, snapshot->edge_target[e], top);
        top = s->count - 1;
        e = snapshot->edge_first[s->object[top]];
    }
}

static int tree_search(struct search *s, const uint32_t *roots, uint32_t root_count,
                       const uint8_t *blocked)
{
    uint64_t *next = NULL;
    size_t room = 0;
    uint32_t root = s->count;
    int status = 0;
    s->object[root] = NO_ID;
    s->idom[root] = root;
    s->count++;
    for (uint32_t r = 0; !status && r < root_count; r++) {
        if (s->number[roots[r]])
            continue;
        number_give(s, roots[r], root);
        status = descend(s, roots[r], blocked, &next, &room);
    }
    free(next);
    return status;
}

/* The members of components of unreached objects that nothing else unreached leads to. */
static int sources_find(const struct search *s, struct worklist *sources)
{
    const struct snapshot *snapshot = s->snapshot;
    struct subgraph graph = {0};
    struct scc scc = {0};
    int status = -1;
    uint8_t *below = NULL, *wanted = malloc((size_t)snapshot->object_count + 1);
    if (!wanted)
        goto out;
    for (uint32_t o = 0; o < snapshot->object_count; o++)
        wanted[o] = !s->number[o];
    if (subgraph_build(snapshot, wanted, s->view, &graph) < 0 || scc_find(&graph.csr, &scc) < 0 ||
        !(below = calloc((size_t)scc.count + 1, 1)))
        goto out;
    const struct csr *csr = &graph.csr;
    for (uint32_t v = 0; v < csr->nodes; v++) {
        for (uint64_t e = csr->first[v]; e < csr->first[v + 1]; e++)
            below[scc.component[csr->target[e]]] |=
                scc.component[csr->target[e]] != scc.component[v];
    }
    for (uint32_t v = 0; v < csr->nodes; v++) {
        if (!below[scc.component[v]] && !worklist_push(sources, graph.object[v]))
            goto out;
    }
    status = 0;
out:
    free(wanted);
    free(below);
    subgraph_free(&graph);
    scc_free(&scc);
    return status;
}

/* Whether a reference has to be looked at: not if it is in the tree of the search, a loop, or leads
 * from one tree to the other (to the second: only where that one is blocked). */
static bool is_cross(const struct search *s, uint32_t from, uint32_t to)
{
    return from != to && s->idom[to] != from && (from > s->second) == (to > s->second);
}

/* Fills first and from, by counting sort. */
static int cross_collect(struct search *s)
{
    const struct snapshot *snapshot = s->snapshot;
    uint64_t total = 0;
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t n = 0; n < s->count; n++) {
            uint32_t o = s->object[n];
            if (o == NO_ID)
                continue;
            for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
                uint32_t to = s->number[snapshot->edge_target[e]];
                if (!is_cross(s, n, to) || !counts(s, e))
                    continue;
                if (fill)
                    s->from[s->first[to + 1]++] = n;
                else if (total++ < UINT32_MAX)
                    s->first[to + 2]++;
            }
        }
        if (fill)
            break;
        if (total >= UINT32_MAX)
            return -1;
        for (uint32_t n = 0; n < s->count; n++)
            s->first[n + 2] += s->first[n + 1];
        s->from = malloc(((size_t)total + 1) * sizeof *s->from);
        if (!s->from)
            return -1;
    }
    return 0;
}

/* The least semidominator on the way from a number up to those not processed yet, which are those up
 * to `bound`. Compresses the way. */
static int least(struct search *s, uint32_t from, uint32_t bound, struct worklist *path,
                 uint32_t *found)
{
    uint32_t n = from;
    for (path->count = 0; s->ancestor[n] > bound; n = s->ancestor[n]) {
        if (!worklist_push(path, n))
            return -1;
    }
    uint32_t top = s->ancestor[n], best = s->best[n];
    while (path->count) {
        n = path->items[--path->count];
        if (s->best[n] > best)
            s->best[n] = best;
        best = s->best[n];
        s->ancestor[n] = top;
    }
    *found = best;
    return 0;
}

/* A root that the search met below another one is below both: its semidominator is the root of its
 * tree. So are all other numbers that the caller gave as roots. */
static int semidominators(struct search *s, const uint8_t *is_root)
{
    struct worklist path = {0};
    int status = -1;
    for (uint32_t n = 0; n < s->count; n++)
        s->ancestor[n] = s->best[n] = s->semi[n] = s->idom[n];
    for (uint32_t n = s->count; n-- > 1;) {
        if (n == s->second)
            continue;
        uint32_t tree = n > s->second ? s->second : 0, semi = is_root[n] ? tree : s->idom[n];
        for (uint32_t i = s->first[n]; semi > tree && i < s->first[n + 1]; i++) {
            uint32_t candidate = s->from[i];
            if (candidate > n && least(s, candidate, n, &path, &candidate) < 0)
                goto out;
            if (candidate < semi)
                semi = candidate;
        }
        s->semi[n] = s->best[n] = semi;
    }
    status = 0;
out:
    worklist_free(&path);
    return status;
}

/*
 * The immediate dominator is the nearest ancestor, among the dominators of the search's parent, that
 * is not below the semidominator. Walking there takes few steps on heaps but is quadratic at worst, so
 * after SEARCH_BOUND steps per object links that skip dominators take over (E. W. Myers, "An applicative random-access
 * stack", 1983): each search takes logarithmic time.
 */
#define SEARCH_BOUND 8u

static void link_make(const struct search *s, uint32_t *skip, uint32_t *depth, uint32_t n)
{
    uint32_t up = s->idom[n];
    if (up == n) {
        skip[n] = n;
        depth[n] = 0;
        return;
    }
    depth[n] = depth[up] + 1;
    bool even = depth[up] - depth[skip[up]] == depth[skip[up]] - depth[skip[skip[up]]];
    skip[n] = even ? skip[skip[up]] : up;
}

static uint64_t immediate_dominators(struct search *s)
{
    uint32_t *skip = s->ancestor, *depth = s->best;
    uint64_t steps = 0, bound = SEARCH_BOUND * (uint64_t)s->count;
    uint32_t n = 1;
    for (; n < s->count && steps <= bound; n++) {
        if (n == s->second)
            continue;
        uint32_t up = s->idom[n];
        for (; up > s->semi[n]; up = s->idom[up])
            steps++;
        s->idom[n] = up;
    }
    if (n == s->count)
        return steps;
    for (uint32_t linked = 0; linked < n; linked++)
        link_make(s, skip, depth, linked);
    for (; n < s->count; n++) {
        uint32_t up = s->idom[n];
        for (; n != s->second && up > s->semi[n]; steps++)
            up = skip[up] > s->semi[n] ? skip[up] : s->idom[up];
        s->idom[n] = up;
        link_make(s, skip, depth, n);
    }
    return steps;
}

/* From numbers to objects. The arrays move to the result. */
static void result_take(struct search *s, struct dominators *d)
{
    d->nodes = s->snapshot->object_count;
    d->live = s->second - 1;
    d->parent = s->number;
    s->number = NULL;
    for (uint32_t n = 1; n < s->count; n++) {
        if (n == s->second)
            continue;
        uint32_t up = s->idom[n];
        d->parent[s->object[n]] = up == 0           ? DOMINATOR_ROOTS
                                  : up == s->second ? DOMINATOR_DEAD
                                                    : s->object[up];
    }
    uint32_t kept = 0;
    for (uint32_t n = 0; n < s->count; n++) {
        if (s->object[n] != NO_ID)
            s->object[kept++] = s->object[n];
    }
    d->order = s->object;
    s->object = NULL;
}

int dominators_find(const struct snapshot *snapshot, enum edge_view view, const uint32_t *roots,
                    uint32_t root_count, const uint8_t *blocked, struct dominators *dominators)
{
    *dominators = (struct dominators){0};
    struct search s = {.snapshot = snapshot, .view = view};
    struct worklist sources = {0};
    size_t room = (size_t)snapshot->object_count + 4;
    int status = -1;
    uint8_t *is_root = NULL;
    if (snapshot->object_count > NO_ID - 8)
        return -1;
    s.number = calloc(room, sizeof *s.number);
    s.object = malloc(room * sizeof *s.object);
    s.idom = malloc(room * sizeof *s.idom);
    if (!s.number || !s.object || !s.idom || tree_search(&s, roots, root_count, blocked) < 0)
        goto out;
    s.second = s.count;
    if (s.second <= snapshot->object_count && sources_find(&s, &sources) < 0)
        goto out;
    if (tree_search(&s, sources.items, (uint32_t)sources.count, NULL) < 0)
        goto out;

    is_root = calloc(room, 1);
    s.first = calloc(room, sizeof *s.first);
    s.ancestor = malloc(room * sizeof *s.ancestor);
    s.best = malloc(room * sizeof *s.best);
    s.semi = malloc(room * sizeof *s.semi);
    if (!is_root || !s.first || !s.ancestor || !s.best || !s.semi)
        goto out;
    for (uint32_t r = 0; r < root_count; r++)
        is_root[s.number[roots[r]]] = 1;
    for (size_t r = 0; r < sources.count; r++)
        is_root[s.number[sources.items[r]]] = 1;
    worklist_free(&sources);
    if (cross_collect(&s) < 0 || semidominators(&s, is_root) < 0)
        goto out;
    dominators->searched = immediate_dominators(&s);
    result_take(&s, dominators);
    status = 0;
out:
    worklist_free(&sources);
    free(is_root);
    free(s.number);
    free(s.object);
    free(s.idom);
    free(s.ancestor);
    free(s.best);
    free(s.semi);
    free(s.first);
    free(s.from);
    return status;
}

void dominators_free(struct dominators *dominators)
{
    free(dominators->parent);
    free(dominators->order);
    *dominators = (struct dominators){0};
}

uint64_t *dominators_retained(const struct snapshot *snapshot, const struct dominators *dominators)
{
    uint64_t *retained = malloc(((size_t)dominators->nodes + 1) * sizeof *retained);
    if (!retained)
        return NULL;
    for (uint32_t o = 0; o < dominators->nodes; o++)
        retained[o] = snapshot->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(snapshot, o);
    for (uint32_t i = dominators->nodes; i-- > 0;) {
        uint32_t o = dominators->order[i], up = dominators->parent[o];
        if (up < dominators->nodes)
            retained[up] += retained[o];
    }
    return retained;
}

int dominated_build(const struct dominators *dominators, struct dominated *dominated)
{
    uint32_t nodes = dominators->nodes;
    *dominated = (struct dominated){calloc((size_t)nodes + 4, sizeof *dominated->first),
                                    malloc(((size_t)nodes + 1) * sizeof *dominated->object)};
    if (!dominated->first || !dominated->object)
        return -1;
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t o = 0; o < nodes; o++) {
            uint32_t up = dominators->parent[o];
            if (up >= nodes)
                up = up == DOMINATOR_ROOTS ? nodes : nodes + 1;
            if (fill)
                dominated->object[dominated->first[up + 1]++] = o;
            else
                dominated->first[up + 2]++;
        }
        for (uint32_t o = 0; !fill && o < nodes + 2; o++)
            dominated->first[o + 2] += dominated->first[o + 1];
    }
    return 0;
}

void dominated_free(struct dominated *dominated)
{
    free(dominated->first);
    free(dominated->object);
    *dominated = (struct dominated){0};
}
