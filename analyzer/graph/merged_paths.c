/* SPDX-License-Identifier: MIT */
#include "graph/merged_paths.h"

#include <stdlib.h>
#include <string.h>

#include "graph/edge_label.h"
#include "graph/root_name.h"

/* An object of a level, and what makes it look like others: the reference that leads to it and its
 * type, or for a root the number of its name. */
struct step {
    uint64_t look;
    uint32_t object;
};

/* Steps that look alike. */
struct group {
    struct step *steps;
    uint32_t count, objects;
};

/* The groups of a level that are still to come, and the steps they are made of. */
struct level {
    struct step *steps;
    struct group *groups;
    uint32_t count, next;
};

struct merge {
    const struct root_paths *paths;
    const struct type_order *order;
    const uint8_t *wanted;
    const struct merged_bounds *bounds;
    struct arena *arena;
    struct merged_paths *merged;
    uint32_t *below; /* object → wanted ones that its path leads to, itself included */
    uint64_t *bytes; /* object → theirs */
    uint8_t *passed; /* object → its step was made */
    size_t room;
};

/* Sums from the ends of the paths to the roots. */
static int sums_make(struct merge *m)
{
    const struct snapshot *s = m->paths->snapshot;
    const uint32_t *before = m->paths->before;
    uint32_t objects = s->object_count, head = 0, tail = 0;
    uint32_t *pending = calloc((size_t)objects + 1, sizeof *pending);
    uint32_t *queue = malloc(((size_t)objects + 1) * sizeof *queue);
    if (!pending || !queue) {
        free(pending);
        free(queue);
        return -1;
    }
    for (uint32_t o = 0; o < objects; o++) {
        if (before[o] != NO_ID)
            pending[before[o]]++;
        if (m->wanted[o]) {
            m->below[o] = 1;
            m->bytes[o] = s->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(s, o);
            m->merged->objects++;
            m->merged->bytes += m->bytes[o];
        }
    }
    for (uint32_t o = 0; o < objects; o++) {
        if (!pending[o])
            queue[tail++] = o;
    }
    while (head < tail) {
        uint32_t o = queue[head++], up = before[o];
        if (up == NO_ID)
            continue;
        m->below[up] += m->below[o];
        m->bytes[up] += m->bytes[o];
        if (!--pending[up])
            queue[tail++] = up;
    }
    free(pending);
    free(queue);
    return 0;
}

static int look_compare(const void *left, const void *right)
{
    const struct step *a = left, *b = right;
    if (a->look != b->look)
        return a->look < b->look ? -1 : 1;
    return a->object < b->object ? -1 : a->object > b->object;
}

static int group_compare(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    if (a->objects != b->objects)
        return a->objects < b->objects ? 1 : -1;
    return a->steps->look < b->steps->look ? -1 : a->steps->look > b->steps->look;
}

/* Steps to groups, those that lead to most objects first. Takes the steps over. */
static int level_make(const struct merge *m, struct step *steps, uint32_t count,
                      struct level *level)
{
    *level = (struct level){.steps = steps};
    if (count) /* else there may be no steps at all */
        qsort(steps, count, sizeof *steps, look_compare);
    uint32_t groups = 0;
    for (uint32_t i = 0; i < count; i++)
        groups += i == 0 || steps[i].look != steps[i - 1].look;
    level->groups = calloc((size_t)groups + 1, sizeof *level->groups);
    if (!level->groups)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || steps[i].look != steps[i - 1].look)
            level->groups[level->count++].steps = &steps[i];
        level->groups[level->count - 1].count++;
        level->groups[level->count - 1].objects += m->below[steps[i].object];
    }
    qsort(level->groups, level->count, sizeof *level->groups, group_compare);
    return 0;
}

static void level_free(struct level *level)
{
    free(level->steps);
    free(level->groups);
    *level = (struct level){0};
}

/* Steps under construction. */
struct steps {
    struct step *items;
    uint32_t count, room;
};

static int steps_add(struct steps *steps, uint64_t look, uint32_t object)
{
    if (steps->count == steps->room) {
        uint32_t room = steps->room ? steps->room * 2 : 16;
        struct step *items = realloc(steps->items, room * sizeof *items);
        if (!items)
            return -1;
        steps->items = items;
        steps->room = room;
    }
    steps->items[steps->count++] = (struct step){look, object};
    return 0;
}

/* Which element of a sequence it is makes no difference. */
static uint64_t look_of(const struct merge *m, uint32_t label, uint32_t object)
{
    const struct snapshot *s = m->paths->snapshot;
    uint32_t kind = label & OURO_LABEL_KIND_MASK;
    uint64_t name = kind == OURO_LABEL_INDEX ? 0 : label >> OURO_LABEL_SHIFT;
    return (uint64_t)m->order->rank[s->type[object]] << 32 | name << 4 | kind;
}

/* The steps after an object. A table of attributes that is not wanted itself is a part of its owner. */
static int steps_after(struct merge *m, uint32_t object, struct steps *steps)
{
    const struct snapshot *s = m->paths->snapshot;
    uint32_t table = NO_ID;
    for (uint32_t o = object; o != NO_ID; o = table, table = NO_ID) {
        for (uint64_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
            uint32_t target = s->edge_target[e], label = s->edge_label[e];
            if (m->paths->before[target] != o || !m->below[target] || m->passed[target] ||
                !edge_counts(label, VIEW_STRONG))
                continue;
            m->passed[target] = 1;
            if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_NAMESPACE && o == object &&
                table == NO_ID && !m->wanted[target])
                table = target;
            else if (steps_add(steps, look_of(m, label, target), target) < 0)
                return -1;
        }
    }
    return 0;
}

static int steps_of_roots(struct merge *m, struct steps *steps)
{
    const struct root_paths *paths = m->paths;
    for (uint32_t o = 0; o < paths->snapshot->object_count; o++) {
        if (paths->before[o] == NO_ID && m->below[o] &&
            steps_add(steps, root_look(paths, o), o) < 0)
            return -1;
    }
    return 0;
}

static struct merged_node *node_add(struct merge *m, const struct group *group, uint32_t depth)
{
    struct merged_paths *merged = m->merged;
    if (merged->count == m->room) {
        size_t room = m->room ? m->room * 2 : 64;
        struct merged_node *nodes = realloc(merged->nodes, room * sizeof *nodes);
        if (!nodes)
            return NULL;
        merged->nodes = nodes;
        m->room = room;
    }
    struct merged_node *node = &merged->nodes[merged->count++];
    *node = (struct merged_node){.depth = depth, .objects = group->objects};
    for (uint32_t i = 0; i < group->count; i++)
        node->bytes += m->bytes[group->steps[i].object];
    return node;
}

/* The node of a group of roots: a module is an object and a name, others stand before the object. */
static int node_of_roots(struct merge *m, const struct group *group, struct steps *steps)
{
    struct merged_node *node = node_add(m, group, 0);
    if (!node)
        return -1;
    struct root_name name;
    if (root_name_make(m->paths, group->steps->object, group->count > 1, m->arena, &name) < 0)
        return -1;
    node->type = name.text;
    node->edge = "";
    for (uint32_t i = 0; i < group->count; i++) {
        uint32_t o = group->steps[i].object;
        m->passed[o] = 1;
        if (name.is_object) {
            node->steps++;
            node->wanted += m->wanted[o];
        }
        if (name.is_object ? steps_after(m, o, steps) < 0
                           : steps_add(steps, look_of(m, OURO_LABEL_NONE, o), o) < 0)
            return -1;
    }
    return 0;
}

static int node_of_steps(struct merge *m, const struct group *group, uint32_t depth,
                         struct steps *steps)
{
    const struct snapshot *s = m->paths->snapshot;
    struct merged_node *node = node_add(m, group, depth);
    if (!node)
        return -1;
    uint32_t label = (uint32_t)group->steps->look;
    uint32_t kind = label & OURO_LABEL_KIND_MASK, string = label >> 4;
    const char *text = string && string <= s->string_count ? s->strings[string] : "";
    node->type = s->types[s->type[group->steps->object]].name;
    node->edge = edge_label_text(m->arena, kind, text);
    node->steps = group->count;
    for (uint32_t i = 0; i < group->count; i++) {
        node->wanted += m->wanted[group->steps[i].object];
        if (steps_after(m, group->steps[i].object, steps) < 0)
            return -1;
    }
    return node->edge ? 0 : -1;
}

/* What is left out of a level is told at the node above it; NULL: they are roots. */
static void level_cut(const struct merge *m, struct level *level, struct merged_node *above)
{
    uint32_t *more = above ? &above->more : &m->merged->more;
    uint32_t *more_objects = above ? &above->more_objects : &m->merged->more_objects;
    uint32_t keep = level->count < m->bounds->top ? level->count : m->bounds->top;
    double least = m->bounds->share * m->merged->objects;
    while (keep > 1 && level->groups[keep - 1].objects < least)
        keep--;
    if (above && above->depth + 1 >= m->bounds->depth)
        keep = 0;
    for (uint32_t g = keep; g < level->count; g++) {
        ++*more;
        *more_objects += level->groups[g].objects;
    }
    level->count = keep;
}

/* Depth first, with a level for each depth. */
static int tree_make(struct merge *m, struct level *levels)
{
    struct steps steps = {0};
    uint32_t at = 0;
    if (steps_of_roots(m, &steps) < 0) {
        free(steps.items);
        return -1;
    }
    if (level_make(m, steps.items, steps.count, &levels[0]) < 0)
        return -1;
    level_cut(m, &levels[0], NULL);
    for (;;) {
        struct level *level = &levels[at];
        if (level->next == level->count) {
            level_free(level);
            if (at-- == 0)
                return 0;
            continue;
        }
        const struct group *group = &level->groups[level->next++];
        steps = (struct steps){0};
        uint32_t node = m->merged->count;
        if ((at ? node_of_steps(m, group, at, &steps) : node_of_roots(m, group, &steps)) < 0) {
            free(steps.items);
            return -1;
        }
        if (!steps.count)
            continue;
        struct level next;
        int made = level_make(m, steps.items, steps.count, &next);
        if (!made)
            level_cut(m, &next, &m->merged->nodes[node]);
        if (made || !next.count)
            level_free(&next);
        else
            levels[++at] = next;
        if (made)
            return -1;
    }
}

int merged_paths_build(const struct root_paths *paths, const struct type_order *order,
                       const uint8_t *wanted, const struct merged_bounds *bounds,
                       struct arena *arena, struct merged_paths *merged)
{
    size_t room = (size_t)paths->snapshot->object_count + 1;
    struct merge m = {.paths = paths,
                      .order = order,
                      .wanted = wanted,
                      .bounds = bounds,
                      .arena = arena,
                      .merged = merged,
                      .below = calloc(room, sizeof *m.below),
                      .bytes = calloc(room, sizeof *m.bytes),
                      .passed = calloc(room, 1)};
    struct level *levels = calloc((size_t)bounds->depth + 1, sizeof *levels);
    *merged = (struct merged_paths){0};
    int status = -1;
    if (m.below && m.bytes && m.passed && levels && sums_make(&m) == 0)
        status = tree_make(&m, levels);
    for (uint32_t d = 0; levels && d <= bounds->depth; d++)
        level_free(&levels[d]);
    free(levels);
    free(m.below);
    free(m.bytes);
    free(m.passed);
    return status;
}

void merged_paths_free(struct merged_paths *merged)
{
    free(merged->nodes);
    *merged = (struct merged_paths){0};
}
