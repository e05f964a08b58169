/* SPDX-License-Identifier: MIT */
#include "cycles/garbage.h"

#include <stdlib.h>
#include <string.h>

#include "graph/edge_label.h"
#include "graph/graph.h"
#include "structure/worklist.h"

/* Objects a pass works on: all, or those the collector tracks. */
static bool in_view(const struct snapshot *snapshot, uint32_t object, enum edge_view view)
{
    return view == VIEW_STRONG || (snapshot->flags[object] & OURO_OBJECT_TRACKED);
}

/*
 * Counts, for every object of the view, the references to it from objects of the view, and returns how
 * many there are. What is not in the view gets a count, too, that means nothing: to ask for the target's
 * flags would cost as much as to count.
 */
static uint64_t references_count(const struct snapshot *snapshot, enum edge_view view,
                                 uint32_t *references)
{
    uint64_t total = 0;
    memset(references, 0, snapshot->object_count * sizeof *references);
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        if (!in_view(snapshot, o, view))
            continue;
        for (uint32_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++)
            references[snapshot->edge_target[e]] += edge_counts(snapshot->edge_label[e], view);
    }
    for (uint32_t o = 0; o < snapshot->object_count; o++)
        total += in_view(snapshot, o, view) ? references[o] : 0;
    return total;
}

/*
 * Marks with 1 whatever has no mark and is reachable from the list over references of the view, except
 * through the object `barrier` (NO_ID: none), whose references count but do not hold, and through what
 * has a mark.
 */
static int reach(const struct snapshot *snapshot, enum edge_view view, uint32_t barrier,
                 struct worklist *list, uint8_t *mark)
{
    while (list->count) {
        uint32_t o = list->items[--list->count];
        if (o == barrier)
            continue;
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t target = snapshot->edge_target[e];
            if (mark[target] || !edge_counts(snapshot->edge_label[e], view))
                continue;
            mark[target] = 1;
            if (!worklist_push(list, target))
                return -1;
        }
    }
    return 0;
}

/*
 * A type in a library's data, as a rule. Nobody frees it, and its count says nothing of that: where the
 * library forgot to begin it with the reference of its own, all of it is explained.
 */
static bool made_elsewhere(const struct snapshot *snapshot, uint32_t object)
{
    return (snapshot->flags[object] & (OURO_OBJECT_STATIC | OURO_OBJECT_TRACKED)) ==
           OURO_OBJECT_STATIC;
}

/*
 * Marks the live objects of a view, and all that is not in it: roots are immortal objects and what is not
 * the runtime's to free, those with more references than the view explains, and the targets of named
 * roots (which have such a surplus, too, unless the runtime defers counting).
 */
static int live_mark(const struct snapshot *snapshot, enum edge_view view, uint32_t barrier,
                     const uint32_t *references, uint8_t *live)
{
    struct worklist list = {0};
    int status = -1;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        live[o] = !in_view(snapshot, o, view); /* a wall */
        if (live[o])
            continue;
        if ((snapshot->flags[o] & OURO_OBJECT_IMMORTAL) || made_elsewhere(snapshot, o) ||
            snapshot->refcount[o] > references[o]) {
            live[o] = 1;
            if (!worklist_push(&list, o))
                goto out;
        }
    }
    for (uint32_t r = 0; r < snapshot->root_count; r++) {
        uint32_t o = snapshot->roots[r].target;
        if (in_view(snapshot, o, view) && !live[o]) {
            live[o] = 1;
            if (!worklist_push(&list, o))
                goto out;
        }
    }
    /* What is only likely to be a reference must not make anything dead. */
    for (uint32_t f = 0; view == VIEW_STRONG && f < snapshot->found_count; f++) {
        uint32_t o = snapshot->found_target[f];
        if (!live[o] && !worklist_push(&list, o))
            goto out;
        live[o] = 1;
    }
    status = reach(snapshot, view, barrier, &list, live);
out:
    worklist_free(&list);
    return status;
}

/* What an object refers to by a label of that kind and name (NULL: any), or NO_ID. */
static uint32_t referent_find(const struct snapshot *snapshot, uint32_t object, uint32_t kind,
                              const char *name)
{
    for (uint64_t e = snapshot->edge_first[object]; e < snapshot->edge_first[object + 1]; e++) {
        uint32_t label = snapshot->edge_label[e];
        if ((label & OURO_LABEL_KIND_MASK) == kind &&
            (!name || !strcmp(edge_label_name(snapshot, label), name)))
            return snapshot->edge_target[e];
    }
    return NO_ID;
}

/* The list gc.garbage, by its root or as attribute of the module gc, or NO_ID. */
static uint32_t garbage_list_find(const struct snapshot *snapshot)
{
    uint32_t module = NO_ID;
    for (uint32_t r = 0; r < snapshot->root_count; r++) {
        const struct root *root = &snapshot->roots[r];
        if (root->kind == OURO_ROOT_INTERPRETER && !strcmp(root->name, "garbage"))
            return root->target;
        if (root->kind == OURO_ROOT_MODULE && !strcmp(root->name, "gc"))
            module = root->target;
    }
    if (module == NO_ID)
        return NO_ID;
    uint32_t table = referent_find(snapshot, module, OURO_LABEL_NAMESPACE, NULL);
    return table == NO_ID ? NO_ID : referent_find(snapshot, table, OURO_LABEL_ATTRIBUTE, "garbage");
}

/* The collector's own view: sets CLASS_GARBAGE and the figures about residuals. */
static int collector_pass(const struct snapshot *snapshot, uint32_t *references, uint8_t *live,
                          struct garbage *garbage)
{
    garbage->references = references_count(snapshot, VIEW_COLLECTOR, references);
    if (live_mark(snapshot, VIEW_COLLECTOR, NO_ID, references, live) < 0)
        return -1;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        if (!in_view(snapshot, o, VIEW_COLLECTOR))
            continue;
        garbage->tracked++;
        if (!live[o])
            garbage->class[o] = CLASS_GARBAGE;
        if (snapshot->flags[o] & OURO_OBJECT_IMMORTAL)
            continue;
        if (snapshot->refcount[o] > references[o])
            garbage->external++;
    }
    return 0;
}

/*
 * What the references do not add up to, now that all are counted. Adds the roots that own one, which
 * no pass after this one wants: they are alive anyway. A count of 0 says nothing: the object waits in
 * a free list or is being deallocated.
 */
static void residuals_find(const struct snapshot *snapshot, const uint8_t *live,
                           uint32_t *references, struct garbage *garbage)
{
    const uint32_t room = sizeof garbage->negative / sizeof *garbage->negative;
    for (uint32_t r = 0; r < snapshot->root_count; r++) {
        uint32_t *count = &references[snapshot->roots[r].target];
        if (snapshot->roots[r].flags & OURO_ROOT_COUNTED)
            *count += *count != UINT32_MAX;
    }
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        uint32_t count = snapshot->refcount[o];
        if (snapshot->flags[o] & OURO_OBJECT_IMMORTAL || !count || count == references[o])
            continue;
        if (count > references[o]) {
            bool counts =
                live[o] && !garbage->class[o] && !(snapshot->flags[o] & OURO_OBJECT_STATIC);
            garbage->unexplained_objects += counts;
            garbage->unexplained_references += counts ? count - references[o] : 0;
            continue;
        }
        if (count + 1 == references[o] && made_elsewhere(snapshot, o))
            continue;
        if (garbage->negative_listed < room)
            garbage->negative[garbage->negative_listed++] =
                (struct residual){o, count, references[o]};
        garbage->negative_count++;
    }
}

/*
 * Lets the garbage die: takes its references away, then those of whatever has none left. So does an
 * object whose count is 0: the snapshot caught it while it was being deallocated. live says what the
 * whole graph keeps alive and is not looked at twice; references is scratch.
 */
static int hanging_pass(const struct snapshot *snapshot, const uint8_t *live, uint32_t *references,
                        struct garbage *garbage)
{
    struct worklist list = {0};
    int status = -1;
    memset(references, 0, snapshot->object_count * sizeof *references);
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        bool dying = !live[o] && snapshot->refcount[o] == 0 && garbage->class[o] == CLASS_LIVE;
        if (dying)
            garbage->class[o] = CLASS_HANGING;
        if ((dying || garbage->class[o] == CLASS_GARBAGE) && !worklist_push(&list, o))
            goto out;
    }
    while (list.count) {
        uint32_t o = list.items[--list.count];
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t target = snapshot->edge_target[e];
            if (live[target] || garbage->class[target] != CLASS_LIVE ||
                !edge_counts(snapshot->edge_label[e], VIEW_STRONG))
                continue;
            references[target] += references[target] != UINT32_MAX;
            if (references[target] < snapshot->refcount[target])
                continue;
            garbage->class[target] = CLASS_HANGING;
            if (!worklist_push(&list, target))
                goto out;
        }
    }
    status = 0;
out:
    worklist_free(&list);
    return status;
}

/* Of what is unreachable and yet unclassified: below gc.garbage, or beyond the collector. */
static int rest_pass(const struct snapshot *snapshot, uint32_t saved_list, uint8_t *live,
                     struct garbage *garbage)
{
    uint8_t *rest = garbage->class;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        if (!live[o] && rest[o] == CLASS_LIVE)
            rest[o] = CLASS_UNCOLLECTABLE;
    }
    if (saved_list == NO_ID)
        return 0;

    /* Everything but the rest is a wall to the search, so that only the rest gets marked. */
    struct worklist list = {0};
    for (uint32_t o = 0; o < snapshot->object_count; o++)
        live[o] = rest[o] != CLASS_UNCOLLECTABLE;
    int status = worklist_push(&list, saved_list) ? 0 : -1;
    if (!status)
        status = reach(snapshot, VIEW_STRONG, NO_ID, &list, live);
    for (uint32_t o = 0; !status && o < snapshot->object_count; o++) {
        if (live[o] && rest[o] == CLASS_UNCOLLECTABLE)
            rest[o] = CLASS_SAVED;
    }
    worklist_free(&list);
    return status;
}

int garbage_find(const struct snapshot *snapshot, struct garbage *garbage)
{
    *garbage = (struct garbage){0};
    int status = -1;
    size_t room = (size_t)snapshot->object_count + 1;
    uint32_t *references = calloc(room, sizeof *references);
    uint8_t *live = calloc(room, 1);
    garbage->class = calloc(room, 1);
    if (!references || !live || !garbage->class)
        goto out;

    uint32_t saved_list = garbage_list_find(snapshot);
    if (collector_pass(snapshot, references, live, garbage) < 0)
        goto out;

    /* Where the two views disagree about an object the collector would free, the collector wins:
     * that is what happens. */
    references_count(snapshot, VIEW_STRONG, references);
    if (live_mark(snapshot, VIEW_STRONG, saved_list, references, live) < 0)
        goto out;
    residuals_find(snapshot, live, references, garbage);
    if (hanging_pass(snapshot, live, references, garbage) < 0 ||
        rest_pass(snapshot, saved_list, live, garbage) < 0)
        goto out;

    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        garbage->objects[garbage->class[o]]++;
        if (!(snapshot->flags[o] & OURO_OBJECT_STATIC))
            garbage->bytes[garbage->class[o]] += object_size(snapshot, o);
    }
    status = 0;
out:
    free(references);
    free(live);
    return status;
}

void garbage_free(struct garbage *garbage)
{
    free(garbage->class);
    garbage->class = NULL;
}
