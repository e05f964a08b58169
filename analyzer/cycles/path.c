/* SPDX-License-Identifier: MIT */
#include "cycles/path.h"

#include <stdlib.h>
#include <string.h>

/* Starting points tried, and references looked at per reference of the component, for one path. */
#define STARTS 64
#define EFFORT 4
#define EFFORT_FLOOR 20000

/* Types whose instances only connect others. */
static const char *const plumbing[] = {
    "list",
    "dict",
    "tuple",
    "set",
    "frozenset",
    "cell",
    "frame",
    "traceback",
    "method",
    "mappingproxy",
    "weakref.ProxyType",
    "partial",
    "property",
    "getset_descriptor",
    "map",
    "filter",
    "zip",
    "enumerate",
    "member_descriptor",
    "staticmethod",
    "classmethod",
    "list_iterator",
    "tuple_iterator",
    "dict_keyiterator",
    "collections.OrderedDict",
    "collections.defaultdict",
    "collections.deque",
    "functools.partial",
    "weakref.ReferenceType",
    "builtin_function_or_method",
};

bool path_type_is_plumbing(const char *name)
{
    for (size_t i = 0; i < sizeof plumbing / sizeof *plumbing; i++) {
        if (!strcmp(plumbing[i], name))
            return true;
    }
    return false;
}

/* How well a type tells what a cycle is about: lower is better. */
enum telling { TELLING_USER, TELLING_CLASS, TELLING_OTHER, TELLING_PLUMBING };

struct candidate {
    uint64_t birth, bytes, references;
    uint32_t node;
};

struct reached {
    uint64_t key; /* rank of the predecessor << 32 | step */
    uint32_t node;
};

struct path_finder {
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct cycle_core *core;
    uint8_t *telling;     /* per type */
    uint64_t *type_bytes; /* per type, of the present cycle */
    /* Per node. A stamp is epoch + depth of the present search, lower: not reached. */
    uint32_t *stamp, *previous;
    uint64_t *key;
    uint32_t epoch;
    struct reached *layer, *next;
    size_t layer_room, next_room;
    uint32_t *best_node, *best_step, *new_node, *new_step;
    uint32_t best_room, new_room;
};

struct path_finder *path_finder_new(const struct snapshot *snapshot, const struct type_order *order,
                                    const struct cycle_core *core)
{
    struct path_finder *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    size_t nodes = (size_t)core->csr.nodes + 1;
    f->snapshot = snapshot;
    f->order = order;
    f->core = core;
    f->telling = malloc((size_t)order->count + 1);
    f->type_bytes = calloc((size_t)order->count + 1, sizeof *f->type_bytes);
    f->stamp = calloc(nodes, sizeof *f->stamp);
    f->previous = malloc(nodes * sizeof *f->previous);
    f->key = malloc(nodes * sizeof *f->key);
    f->epoch = 1;
    if (!f->telling || !f->type_bytes || !f->stamp || !f->previous || !f->key) {
        path_finder_free(f);
        return NULL;
    }
    for (uint32_t t = 0; t < order->count; t++) {
        if (order->flags[t] & OURO_TYPE_USER)
            f->telling[t] = TELLING_USER;
        else if (!strcmp(order->name[t], "type"))
            f->telling[t] = TELLING_CLASS;
        else
            f->telling[t] =
                path_type_is_plumbing(order->name[t]) ? TELLING_PLUMBING : TELLING_OTHER;
    }
    return f;
}

void path_finder_free(struct path_finder *f)
{
    if (!f)
        return;
    free(f->telling);
    free(f->type_bytes);
    free(f->stamp);
    free(f->previous);
    free(f->key);
    free(f->layer);
    free(f->next);
    free(f->best_node);
    free(f->best_step);
    free(f->new_node);
    free(f->new_step);
    free(f);
}

int path_compare(const struct cycle_path *left, const struct cycle_path *right)
{
    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    for (uint32_t i = 0; i < left->length; i++) {
        if (left->step[i] != right->step[i])
            return left->step[i] < right->step[i] ? -1 : 1;
    }
    return 0;
}

static uint32_t node_type(const struct path_finder *f, uint32_t node)
{
    return f->order->rank[f->snapshot->type[f->core->object[node]]];
}

/* The type to start from. Ties and types that are not user-defined go by name. */
static uint32_t start_type(struct path_finder *f, uint32_t first, uint32_t end)
{
    uint32_t best = node_type(f, first);
    for (uint32_t n = first; n < end; n++)
        f->type_bytes[node_type(f, n)] += f->core->bytes[n];
    for (uint32_t n = first; n < end; n++) {
        uint32_t type = node_type(f, n);
        if (f->telling[type] != f->telling[best]) {
            if (f->telling[type] < f->telling[best])
                best = type;
        } else if (f->telling[type] == TELLING_USER && f->type_bytes[type] != f->type_bytes[best]) {
            if (f->type_bytes[type] > f->type_bytes[best])
                best = type;
        } else if (type < best) {
            best = type;
        }
    }
    for (uint32_t n = first; n < end; n++)
        f->type_bytes[node_type(f, n)] = 0;
    return best;
}

static bool candidate_before(const struct candidate *a, const struct candidate *b)
{
    if (a->birth != b->birth)
        return a->birth < b->birth;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes;
    if (a->references != b->references)
        return a->references < b->references;
    return a->node < b->node;
}

/* The oldest instances of the start type, at most STARTS of them. */
static uint32_t candidates_find(struct path_finder *f, uint32_t first, uint32_t end,
                                struct candidate *candidates)
{
    uint32_t type = start_type(f, first, end), count = 0;
    for (uint32_t n = first; n < end; n++) {
        if (node_type(f, n) != type)
            continue;
        struct candidate c = {object_birth(f->snapshot, f->core->object[n]), f->core->bytes[n],
                              f->core->csr.first[n + 1] - f->core->csr.first[n], n};
        if (count == STARTS && !candidate_before(&c, &candidates[count - 1]))
            continue;
        uint32_t at = count < STARTS ? count++ : count - 1;
        for (; at && candidate_before(&c, &candidates[at - 1]); at--)
            candidates[at] = candidates[at - 1];
        candidates[at] = c;
    }
    return count;
}

static int reached_compare(const void *left, const void *right)
{
    const struct reached *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

static bool layer_push(struct reached **layer, size_t *room, size_t count, uint32_t node)
{
    if (count == *room) {
        size_t more = *room ? *room * 2 : 64;
        struct reached *moved = realloc(*layer, more * sizeof *moved);
        if (!moved)
            return false;
        *layer = moved;
        *room = more;
    }
    (*layer)[count].node = node;
    return true;
}

/* Puts the path found, which ends with the reference of `step` from node last to start, into new_*. */
static bool path_collect(struct path_finder *f, uint32_t start, uint32_t last, uint32_t step,
                         uint32_t length)
{
    if (length > f->new_room) {
        uint32_t *node = realloc(f->new_node, length * sizeof *node);
        if (node)
            f->new_node = node;
        uint32_t *steps = realloc(f->new_step, length * sizeof *steps);
        if (steps)
            f->new_step = steps;
        if (!node || !steps)
            return false;
        f->new_room = length;
    }
    for (uint32_t i = length; i-- > 0;) {
        f->new_node[i] = last;
        f->new_step[i] = step;
        if (last != start) {
            step = (uint32_t)f->key[last];
            last = f->previous[last];
        }
    }
    return true;
}

/*
 * Breadth first from start, no deeper than `longest`, until a reference leads back. Each layer is
 * worked on in the order of the texts of the paths to its nodes (a node's rank), so the first way
 * back is the first in that order. *budget counts references down and ends the search when used up.
 * Returns the length, 0 when nothing was found, -1 without memory.
 */
static int64_t search(struct path_finder *f, uint32_t start, uint32_t longest, int64_t *budget)
{
    const struct csr *csr = &f->core->csr;
    if (f->epoch > UINT32_MAX - csr->nodes - 2) {
        memset(f->stamp, 0, csr->nodes * sizeof *f->stamp);
        f->epoch = 1;
    }
    size_t layer_count = 1;
    if (!layer_push(&f->layer, &f->layer_room, 0, start))
        return -1;
    f->layer[0].key = 0;
    uint32_t epoch = f->epoch, depth = 0;
    f->stamp[start] = epoch;
    while (layer_count && depth<longest && * budget> 0) {
        size_t next_count = 0;
        uint64_t closing = UINT64_MAX;
        uint32_t last = 0, rank = 0;
        depth++;
        f->epoch = epoch + depth + 1;
        for (size_t i = 0; i < layer_count && (uint64_t)rank << 32 <= closing; i++) {
            rank += i && f->layer[i].key != f->layer[i - 1].key;
            uint32_t node = f->layer[i].node;
            for (uint64_t e = csr->first[node]; e < csr->first[node + 1]; e++, --*budget) {
                uint32_t target = csr->target[e];
                uint64_t key = (uint64_t)rank << 32 | f->core->step[e];
                if (target == start) {
                    if (key < closing) {
                        closing = key;
                        last = node;
                    }
                } else if (f->stamp[target] < epoch) {
                    if (!layer_push(&f->next, &f->next_room, next_count, target))
                        return -1;
                    next_count++;
                    f->stamp[target] = epoch + depth;
                    f->key[target] = key;
                    f->previous[target] = node;
                } else if (f->stamp[target] == epoch + depth && key < f->key[target]) {
                    f->key[target] = key;
                    f->previous[target] = node;
                }
            }
        }
        if (closing != UINT64_MAX)
            return path_collect(f, start, last, (uint32_t)closing, depth) ? (int64_t)depth : -1;
        for (size_t i = 0; i < next_count; i++)
            f->next[i].key = f->key[f->next[i].node];
        if (next_count > 1)
            qsort(f->next, next_count, sizeof *f->next, reached_compare);
        struct reached *layer = f->layer;
        size_t room = f->layer_room;
        f->layer = f->next;
        f->layer_room = f->next_room;
        f->next = layer;
        f->next_room = room;
        layer_count = next_count;
    }
    return 0;
}

int path_find(struct path_finder *f, uint32_t cycle, struct cycle_path *path)
{
    uint32_t first = f->core->cycle_first[cycle], end = f->core->cycle_first[cycle + 1];
    struct candidate candidates[STARTS];
    *path = (struct cycle_path){0};
    if (first == end)
        return 0;
    uint32_t count = candidates_find(f, first, end, candidates);
    uint64_t edges = f->core->csr.first[end] - f->core->csr.first[first];
    int64_t budget = (int64_t)(edges * EFFORT + EFFORT_FLOOR);
    uint32_t longest = end - first;
    for (uint32_t i = 0; i < count && budget > 0; i++) {
        int64_t length = search(f, candidates[i].node, longest, &budget);
        if (length < 0)
            return -1;
        struct cycle_path found = {(uint32_t)length, f->new_node, f->new_step};
        if (!length || (path->length && path_compare(&found, path) >= 0))
            continue;
        uint32_t *node = f->best_node, *step = f->best_step, room = f->best_room;
        f->best_node = f->new_node;
        f->best_step = f->new_step;
        f->best_room = f->new_room;
        f->new_node = node;
        f->new_step = step;
        f->new_room = room;
        *path = found;
        longest = path->length;
    }
    return 0;
}
