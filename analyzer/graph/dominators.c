/* SPDX-License-Identifier: MIT */
#include "graph/dominators.h"

#include <stdlib.h>
#include <string.h>

#include "graph/scc.h"
#include "structure/worklist.h"

/* What is looked up for the target of every reference, next to each other in memory. */
struct reached {
    uint32_t number;     /* 0: not reached */
    uint32_t references; /* to it that are not in the tree of the search */
};

/* The path of an object upwards, compressed: its ancestor, and the least semidominator on the way there
 * (that one is not included). Later: a link that skips dominators, and the depth. */
struct link {
    uint32_t ancestor, best;
};

/*
 * Numbers are given in the order of the depth-first search. 0 is the root of the first tree; the root
 * of the second comes right after the last object of the first.
 *
 * At 10^8 objects memory decides: arrays are allocated when they are needed and released when they
 * are not, and at most 25 bytes for each object and 4 for each reference outside of the trees are there
 * at a time.
 */
struct search {
    const struct snapshot *snapshot;
    enum edge_view view;
    struct reached *reached; /* by object */
    uint64_t *in_tree;       /* a bit for each reference: it led the search to its target */
    uint32_t *object;        /* number → object, NO_ID for the two roots */
    uint32_t *idom;          /* number → parent in the search, then immediate dominator */
    uint32_t count;          /* numbers given */
    uint32_t second;         /* number of the second root, NO_ID in the first tree */
    struct link *link;
    uint32_t *semi;
    /* References that are not in the tree of the search: sources of those that lead to number n are
     * from[first[n] … first[n + 1] − 1]. */
    uint32_t *first, *from;
};

/* A place on the way down: the references of an object that were not looked at. */
struct frame {
    uint32_t edge, end;
};

struct frames {
    struct frame *items;
    size_t room;
};

static bool counts(const struct search *s, uint32_t edge)
{
    return edge_counts(s->snapshot->edge_label[edge], s->view);
}

static void number_give(struct search *s, uint32_t object, uint32_t parent)
{
    s->reached[object].number = s->count;
    s->object[s->count] = object;
    s->idom[s->count++] = parent;
}

static bool frame_push(struct frames *frames, size_t depth, struct frame frame)
{
    if (depth == frames->room) {
        size_t room = frames->room ? frames->room * 2 : 4096;
        struct frame *items = realloc(frames->items, room * sizeof *items);
        if (!items)
            return false;
        frames->items = items;
        frames->room = room;
    }
    frames->items[depth] = frame;
    return true;
}

/* Looks at the next references of the object with number `top` up to one that leads on. */
static uint32_t edge_next(struct search *s, uint32_t top, uint32_t edge, uint32_t end,
                          const uint8_t *blocked)
{
    const uint32_t *targets = s->snapshot->edge_target;
    for (; edge < end; edge++) {
        uint32_t target = targets[edge], number = s->reached[target].number;
        if (number) {
            /* From the second tree to the first: holds nothing. */
            if (number != top && (s->second == NO_ID || number > s->second) && counts(s, edge))
                s->reached[target].references++;
        } else if (!(blocked && blocked[target]) && counts(s, edge)) {
            break;
        }
    }
    return edge;
}

/* Numbers what is reachable from an object that has just got its number. */
static int descend(struct search *s, uint32_t object, const uint8_t *blocked, struct frames *frames)
{
    const struct snapshot *snapshot = s->snapshot;
    uint32_t top = s->reached[object].number;
    uint32_t edge = snapshot->edge_first[object], end = snapshot->edge_first[object + 1];
    for (size_t depth = 0;;) {
        edge = edge_next(s, top, edge, end, blocked);
        if (edge == end) {
            if (depth == 0)
                return 0;
            edge = frames->items[--depth].edge;
            end = frames->items[depth].end;
            top = s->idom[top];
            continue;
        }
        if (!frame_push(frames, depth++, (struct frame){edge + 1, end}))
            return -1;
        s->in_tree[edge / 64] |= UINT64_C(1) << edge % 64;
        object = snapshot->edge_target[edge];
        number_give(s, object, top);
        top = s->count - 1;
        edge = snapshot->edge_first[object];
        end = snapshot->edge_first[object + 1];
    }
}

static int tree_search(struct search *s, const uint32_t *roots, uint32_t root_count,
                       const uint8_t *blocked)
{
    struct frames frames = {0};
    uint32_t root = s->count;
    int status = 0;
    s->object[root] = NO_ID;
    s->idom[root] = root;
    s->count++;
    for (uint32_t r = 0; !status && r < root_count; r++) {
        if (s->reached[roots[r]].number)
            continue;
        number_give(s, roots[r], root);
        status = descend(s, roots[r], blocked, &frames);
    }
    free(frames.items);
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
        wanted[o] = !s->reached[o].number;
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

/* Fills first and from: the counts are there, the references come in the order of the objects. */
static int cross_collect(struct search *s)
{
    const struct snapshot *snapshot = s->snapshot;
    uint64_t total = 0;
    s->first = malloc(((size_t)s->count + 2) * sizeof *s->first);
    if (!s->first)
        return -1;
    /* Filling moves first[n + 1] from the start of n's list to its end. */
    s->first[0] = 0;
    for (uint32_t n = 0; n < s->count; n++) {
        s->first[n + 1] = (uint32_t)total;
        total += s->object[n] == NO_ID ? 0 : s->reached[s->object[n]].references;
    }
    s->from = malloc(((size_t)total + 1) * sizeof *s->from);
    if (!s->from)
        return -1;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        uint32_t n = s->reached[o].number, least = n > s->second ? s->second : 0;
        for (uint32_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            if (s->in_tree[e / 64] >> e % 64 & 1 || !counts(s, e))
                continue;
            uint32_t to = s->reached[snapshot->edge_target[e]].number;
            /* In the same tree, which a blocked object is not. */
            if (to != n && to > least && (n > s->second || to < s->second))
                s->from[s->first[to + 1]++] = n;
        }
    }
    return 0;
}

/* The least semidominator on the way from a number up to those not processed yet, which are those up
 * to `bound`. Compresses the way. */
static int least(struct search *s, uint32_t from, uint32_t bound, struct worklist *path,
                 uint32_t *found)
{
    uint32_t n = from;
    for (path->count = 0; s->link[n].ancestor > bound; n = s->link[n].ancestor) {
        if (!worklist_push(path, n))
            return -1;
    }
    uint32_t top = s->link[n].ancestor, best = s->link[n].best;
    while (path->count) {
        struct link *link = &s->link[path->items[--path->count]];
        if (link->best > best)
            link->best = best;
        best = link->best;
        link->ancestor = top;
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
    for (uint32_t n = 0; n < s->count; n++) {
        s->link[n] = (struct link){s->idom[n], s->idom[n]};
        s->semi[n] = s->idom[n];
    }
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
        s->semi[n] = s->link[n].best = semi;
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

static void skip_make(const struct search *s, struct link *skip, uint32_t n)
{
    uint32_t up = s->idom[n], over = skip[up].ancestor;
    if (up == n) {
        skip[n] = (struct link){n, 0};
        return;
    }
    bool even = skip[up].best - skip[over].best == skip[over].best - skip[skip[over].ancestor].best;
    skip[n] = (struct link){even ? skip[over].ancestor : up, skip[up].best + 1};
}

static uint64_t immediate_dominators(struct search *s)
{
    struct link *skip = s->link;
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
        skip_make(s, skip, linked);
    for (; n < s->count; n++) {
        uint32_t up = s->idom[n];
        for (; n != s->second && up > s->semi[n]; steps++)
            up = skip[up].ancestor > s->semi[n] ? skip[up].ancestor : s->idom[up];
        s->idom[n] = up;
        skip_make(s, skip, n);
    }
    return steps;
}

/* From numbers to objects. The arrays move to the result. */
static void result_take(struct search *s, struct dominators *d)
{
    uint32_t kept = 0;
    d->nodes = s->snapshot->object_count;
    d->live = s->second - 1;
    d->parent = s->semi; /* not needed any more, and of the right size */
    s->semi = NULL;
    for (uint32_t n = 1; n < s->count; n++) {
        if (n == s->second)
            continue;
        uint32_t up = s->idom[n];
        d->parent[s->object[n]] = up == 0           ? DOMINATOR_ROOTS
                                  : up == s->second ? DOMINATOR_DEAD
                                                    : s->object[up];
    }
    for (uint32_t n = 0; n < s->count; n++) {
        if (s->object[n] != NO_ID)
            s->object[kept++] = s->object[n];
    }
    d->order = s->object;
    s->object = NULL;
}

/* Numbers all objects: those that the roots lead to, then the rest. is_root gets a byte for each number
 * that a search began with. */
static int objects_number(struct search *s, const uint32_t *roots, uint32_t root_count,
                          const uint8_t *blocked, uint8_t *is_root, struct worklist *sources)
{
    s->second = NO_ID;
    if (tree_search(s, roots, root_count, blocked) < 0)
        return -1;
    s->second = s->count;
    if (s->second <= s->snapshot->object_count && sources_find(s, sources) < 0)
        return -1;
    if (tree_search(s, sources->items, (uint32_t)sources->count, NULL) < 0)
        return -1;
    for (uint32_t r = 0; r < root_count; r++)
        is_root[s->reached[roots[r]].number] = 1;
    for (size_t r = 0; r < sources->count; r++)
        is_root[s->reached[sources->items[r]].number] = 1;
    return 0;
}

int dominators_find(const struct snapshot *snapshot, enum edge_view view, const uint32_t *roots,
                    uint32_t root_count, const uint8_t *blocked, struct dominators *dominators)
{
    *dominators = (struct dominators){0};
    struct search s = {.snapshot = snapshot, .view = view};
    struct worklist sources = {0};
    size_t room = (size_t)snapshot->object_count + 4;
    int status = -1;
    if (snapshot->object_count > NO_ID - 8)
        return -1;
    uint8_t *is_root = calloc(room, 1);
    s.reached = calloc(room, sizeof *s.reached);
    s.in_tree = calloc((size_t)(snapshot->edge_count / 64 + 1), sizeof *s.in_tree);
    s.object = malloc(room * sizeof *s.object);
    s.idom = malloc(room * sizeof *s.idom);
    if (!is_root || !s.reached || !s.in_tree || !s.object || !s.idom ||
        objects_number(&s, roots, root_count, blocked, is_root, &sources) < 0 ||
        cross_collect(&s) < 0)
        goto out;
    free(s.reached);
    free(s.in_tree);
    s.reached = NULL;
    s.in_tree = NULL;
    s.link = malloc(room * sizeof *s.link);
    s.semi = malloc(room * sizeof *s.semi);
    if (!s.link || !s.semi || semidominators(&s, is_root) < 0)
        goto out;
    free(s.first);
    free(s.from);
    s.first = s.from = NULL;
    dominators->searched = immediate_dominators(&s);
    result_take(&s, dominators);
    dominators->dead = sources.items;
    dominators->dead_count = (uint32_t)sources.count;
    sources.items = NULL;
    status = 0;
out:
    worklist_free(&sources);
    free(is_root);
    free(s.reached);
    free(s.in_tree);
    free(s.object);
    free(s.idom);
    free(s.link);
    free(s.semi);
    free(s.first);
    free(s.from);
    return status;
}

void dominators_free(struct dominators *dominators)
{
    free(dominators->parent);
    free(dominators->order);
    free(dominators->dead);
    *dominators = (struct dominators){0};
}

static uint64_t *retained_of(const struct snapshot *snapshot, const struct dominators *dominators,
                             bool native_only)
{
    uint64_t *retained = malloc(((size_t)dominators->nodes + 1) * sizeof *retained);
    if (!retained)
        return NULL;
    for (uint32_t o = 0; o < dominators->nodes; o++)
        retained[o] = snapshot->flags[o] & OURO_OBJECT_STATIC ||
                              (native_only && !object_is_native(snapshot, o))
                          ? 0
                          : object_size(snapshot, o);
    for (uint32_t i = dominators->nodes; i-- > 0;) {
        uint32_t o = dominators->order[i], up = dominators->parent[o];
        if (up < dominators->nodes)
            retained[up] += retained[o];
    }
    return retained;
}

uint64_t *dominators_retained(const struct snapshot *snapshot, const struct dominators *dominators)
{
    return retained_of(snapshot, dominators, false);
}

uint64_t *dominators_retained_native(const struct snapshot *snapshot,
                                     const struct dominators *dominators)
{
    return retained_of(snapshot, dominators, true);
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
