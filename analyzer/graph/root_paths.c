/* SPDX-License-Identifier: MIT */
#include "graph/root_paths.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/edge_label.h"
#include "graph/root_name.h"
#include "ouro/varint.h"

/* Of longer paths the middle is left out. */
#define STEPS_MAX 40u
#define NAME_SIZE 1024u

static enum root_reason reason_of_kind(uint32_t kind)
{
    switch (kind) {
    case OURO_ROOT_MODULE:
    case OURO_ROOT_LOCAL:
        return ROOT_PROGRAM;
    case OURO_ROOT_STATIC_TYPE:
    case OURO_ROOT_INTERNED:
    case OURO_ROOT_STATIC_DATA:
    case OURO_ROOT_MEMORY:
        return ROOT_STATIC;
    default:
        return ROOT_RUNTIME;
    }
}

static int record_compare(const void *left, const void *right)
{
    const struct root_record *a = left, *b = right;
    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* The records by their target, the most telling one first. */
static int records_sort(const struct snapshot *snapshot, struct heap_roots *roots)
{
    uint32_t count = snapshot->root_count;
    roots->records = malloc(((size_t)count + 1) * sizeof *roots->records);
    if (!roots->records)
        return -1;
    for (uint32_t r = 0; r < count; r++) {
        uint64_t reason = (uint64_t)reason_of_kind(snapshot->roots[r].kind);
        roots->records[r] = (struct root_record){snapshot->roots[r].target, reason << 32 | r};
    }
    qsort(roots->records, count, sizeof *roots->records, record_compare);
    roots->record_count = count;
    return 0;
}

uint32_t heap_roots_record(const struct heap_roots *roots, uint32_t object)
{
    uint32_t low = 0, high = roots->record_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (roots->records[middle].target < object)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < roots->record_count && roots->records[low].target == object;
    return found ? (uint32_t)roots->records[low].rank : NO_ID;
}

/* References to an object that no edge accounts for; none are missed where counting is deferred. */
static uint32_t surplus_of(const struct snapshot *snapshot, const uint32_t *known, uint32_t object)
{
    bool immortal = snapshot->flags[object] & OURO_OBJECT_IMMORTAL;
    return immortal || snapshot->refcount[object] <= known[object]
               ? 0
               : snapshot->refcount[object] - known[object];
}

/* Sets the reason of each object, and how many objects have which. */
static void reasons_find(const struct snapshot *snapshot, const uint8_t *class,
                         const uint32_t *known, uint8_t *reason, uint32_t of_reason[ROOT_NONE + 1])
{
    const uint32_t held = OURO_OBJECT_IMMORTAL | OURO_OBJECT_STATIC;
    memset(reason, ROOT_NONE, (size_t)snapshot->object_count + 1);
    for (uint32_t r = 0; r < snapshot->root_count; r++) {
        const struct root *root = &snapshot->roots[r];
        uint8_t why = (uint8_t)reason_of_kind(root->kind);
        if (!class[root->target] && why < reason[root->target])
            reason[root->target] = why;
    }
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        if (reason[o] == ROOT_NONE && !class[o])
            reason[o] = snapshot->flags[o] & held        ? ROOT_STATIC
                        : surplus_of(snapshot, known, o) ? ROOT_UNKNOWN
                                                         : ROOT_NONE;
        of_reason[reason[o]]++;
    }
}

int heap_roots_find(const struct snapshot *snapshot, const uint8_t *class, struct heap_roots *roots)
{
    *roots = (struct heap_roots){0};
    uint32_t objects = snapshot->object_count, of_reason[ROOT_NONE + 1] = {0}, next[ROOT_NONE];
    size_t room = (size_t)objects + 1;
    int status = -1;
    uint32_t *known = calloc(room, sizeof *known);
    roots->reason = malloc(room);
    if (!known || !roots->reason)
        goto out;
    for (uint64_t e = 0; e < snapshot->edge_count; e++) {
        if (edge_counts(snapshot->edge_label[e], VIEW_STRONG))
            known[snapshot->edge_target[e]] += known[snapshot->edge_target[e]] != UINT32_MAX;
    }
    for (uint32_t r = 0; r < snapshot->root_count; r++) {
        uint32_t *count = &known[snapshot->roots[r].target];
        if (snapshot->roots[r].flags & OURO_ROOT_COUNTED)
            *count += *count != UINT32_MAX;
    }
    if (records_sort(snapshot, roots) < 0)
        goto out;
    reasons_find(snapshot, class, known, roots->reason, of_reason);
    for (int reason = 0; reason < ROOT_NONE; reason++) {
        next[reason] = roots->count;
        roots->count += of_reason[reason];
    }
    uint32_t first_unknown = next[ROOT_UNKNOWN];
    roots->unknown_count = of_reason[ROOT_UNKNOWN];
    roots->object = malloc(((size_t)roots->count + 1) * sizeof *roots->object);
    roots->unknown = malloc(((size_t)roots->unknown_count + 1) * sizeof *roots->unknown);
    if (!roots->object || !roots->unknown)
        goto out;
    for (uint32_t o = 0; o < objects; o++) {
        if (roots->reason[o] == ROOT_UNKNOWN)
            roots->unknown[next[ROOT_UNKNOWN] - first_unknown] = surplus_of(snapshot, known, o);
        if (roots->reason[o] != ROOT_NONE)
            roots->object[next[roots->reason[o]]++] = o;
    }
    status = 0;
out:
    free(known);
    return status;
}

uint32_t heap_roots_unknown(const struct heap_roots *roots, uint32_t object)
{
    uint32_t first = roots->count - roots->unknown_count, low = first, high = roots->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (roots->object[middle] < object)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < roots->count && roots->object[low] == object;
    return found ? roots->unknown[low - first] : 0;
}

void heap_roots_free(struct heap_roots *roots)
{
    free(roots->object);
    free(roots->reason);
    free(roots->unknown);
    free(roots->records);
    *roots = (struct heap_roots){0};
}

/* Breadth first, from the roots of one reason after those of the other. */
int root_paths_build(const struct snapshot *snapshot, const struct heap_roots *roots,
                     const uint8_t *class, struct root_paths *paths)
{
    size_t room = (size_t)snapshot->object_count + 1;
    *paths = (struct root_paths){snapshot, roots, malloc(room * sizeof *paths->before)};
    uint32_t *queue = malloc(room * sizeof *queue), head = 0, tail = 0;
    uint8_t *seen = calloc(room, 1);
    int status = -1;
    if (!paths->before || !queue || !seen)
        goto out;
    memset(paths->before, 0xff, room * sizeof *paths->before);
    for (uint32_t r = 0; r < roots->count;) {
        uint8_t reason = roots->reason[roots->object[r]];
        for (; r < roots->count && roots->reason[roots->object[r]] == reason; r++) {
            if (!seen[roots->object[r]]) {
                seen[roots->object[r]] = 1;
                queue[tail++] = roots->object[r];
            }
        }
        while (head < tail) {
            uint32_t o = queue[head++];
            for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
                uint32_t target = snapshot->edge_target[e];
                if (seen[target] || class[target] ||
                    !edge_counts(snapshot->edge_label[e], VIEW_STRONG))
                    continue;
                seen[target] = 1;
                paths->before[target] = o;
                queue[tail++] = target;
            }
        }
    }
    status = 0;
out:
    free(queue);
    free(seen);
    return status;
}

void root_paths_free(struct root_paths *paths)
{
    free(paths->before);
    *paths = (struct root_paths){0};
}

/* The reference from an object to another: its label, and its index in a sequence. */
static uint32_t edge_find(const struct snapshot *snapshot, uint32_t from, uint32_t to,
                          int64_t *index)
{
    int64_t next = 0;
    for (uint64_t e = snapshot->edge_first[from]; e < snapshot->edge_first[from + 1]; e++) {
        uint32_t label = snapshot->edge_label[e];
        *index = next;
        if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX) {
            *index = next + ouro_unzigzag(label >> OURO_LABEL_SHIFT);
            next = *index + 1;
        }
        if (snapshot->edge_target[e] == to && edge_counts(label, VIEW_STRONG))
            return label;
    }
    return OURO_LABEL_NONE;
}

static const char *format(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

static const char *label_text(const struct snapshot *s, struct arena *arena, uint32_t label,
                              int64_t index)
{
    uint32_t kind = label & OURO_LABEL_KIND_MASK;
    char text[32];
    if (kind != OURO_LABEL_INDEX)
        return edge_label_text(arena, kind, edge_label_name(s, label));
    snprintf(text, sizeof text, "[%" PRId64 "]", index);
    return format(arena, text);
}

/* The steps as an expression: texts that are none in Python are set apart by a space. */
static const char *name_make(const struct root_path *path, const char *expression,
                             struct arena *arena)
{
    char name[NAME_SIZE];
    size_t used =
        (size_t)snprintf(name, sizeof name, "%s", *expression ? expression : path->steps[0].type);
    for (uint32_t i = 0; i < path->count && used < sizeof name; i++) {
        const char *edge = path->steps[i].edge;
        if (i + 1 < path->count && path->steps[i].object != NO_ID && !*edge)
            edge = "(?)";
        bool apart = *edge && !strchr(".[", *edge);
        used += (size_t)snprintf(name + used, sizeof name - used, "%s%s", apart ? " " : "", edge);
    }
    return arena_copy(arena, name, strnlen(name, sizeof name - 1));
}

int root_path_find(const struct root_paths *paths, uint32_t object, struct arena *arena,
                   struct root_path *path)
{
    const struct snapshot *s = paths->snapshot;
    uint32_t depth = 1, chain[STEPS_MAX + 1], kept = 0, first = object;
    *path = (struct root_path){0};
    for (uint32_t o = object; paths->before[o] != NO_ID; o = first = paths->before[o])
        depth++;
    /* The object itself and those before it, from behind, without the middle. */
    uint32_t at = depth;
    for (uint32_t o = object; o != NO_ID; o = paths->before[o], at--) {
        if (depth <= STEPS_MAX || at <= STEPS_MAX / 2 || at > depth - STEPS_MAX / 2)
            chain[kept++] = o;
    }
    path->length = depth + 1;
    path->steps = arena_alloc(arena, kept + 2u, sizeof *path->steps);
    if (!path->steps)
        return -1;
    struct root_name root;
    if (root_name_make(paths, first, false, arena, &root) < 0)
        return -1;
    if (!root.is_object)
        path->steps[path->count++] = (struct root_step){root.text, "", NO_ID};
    for (uint32_t i = kept; i-- > 0;) {
        uint32_t o = chain[i], type = s->type[o];
        struct root_step step = {path->count ? s->types[type].name : root.text, "", o};
        if (i > 0 && paths->before[chain[i - 1]] != o) {
            char text[64];
            snprintf(text, sizeof text, " ... %" PRIu32 " more ... ", depth - STEPS_MAX);
            step.edge = format(arena, text);
        } else if (i > 0) {
            int64_t index = 0;
            uint32_t label = edge_find(s, o, chain[i - 1], &index);
            /* The table of attributes is a part of its owner, if an attribute follows. */
            if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_NAMESPACE && i > 1 &&
                paths->before[chain[i - 2]] == chain[i - 1]) {
                uint32_t inner = edge_find(s, chain[i - 1], chain[i - 2], &index);
                if ((inner & OURO_LABEL_KIND_MASK) == OURO_LABEL_ATTRIBUTE) {
                    label = inner;
                    i--;
                }
            }
            step.edge = label_text(s, arena, label, index);
        }
        if (!step.edge)
            return -1;
        path->steps[path->count++] = step;
    }
    path->name = name_make(path, root.expression, arena);
    return path->name ? 0 : -1;
}
