/* SPDX-License-Identifier: MIT */
#include "graph/dominator_check.h"

#include <stdlib.h>
#include <string.h>

#include "structure/worklist.h"

/* Steps per object after which it is given up. */
#define STEPS_BOUND 5000u

/*
 * Lists what the roots lead to in reverse postorder, from behind; returns where the list begins, or
 * NO_ID without memory. On the stack an object stands before its mark, NO_ID, while what it leads to
 * is listed.
 */
static uint32_t reverse_postorder(const struct snapshot *s, enum edge_view view,
                                  const uint32_t *roots, uint32_t root_count,
                                  const uint8_t *blocked, uint32_t *order)
{
    struct worklist stack = {0};
    uint32_t free_end = s->object_count;
    uint8_t *seen = calloc((size_t)s->object_count + 1, 1);
    if (!seen)
        return NO_ID;
    for (uint32_t r = 0; r < root_count; r++) {
        if (!worklist_push(&stack, roots[r]))
            goto failed;
        while (stack.count) {
            uint32_t o = stack.items[--stack.count];
            if (o == NO_ID) {
                order[--free_end] = stack.items[--stack.count];
                continue;
            }
            if (seen[o])
                continue;
            seen[o] = 1;
            if (!worklist_push(&stack, o) || !worklist_push(&stack, NO_ID))
                goto failed;
            for (uint64_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
                uint32_t target = s->edge_target[e];
                if (!seen[target] && !blocked[target] && edge_counts(s->edge_label[e], view) &&
                    !worklist_push(&stack, target))
                    goto failed;
            }
        }
    }
    free(seen);
    worklist_free(&stack);
    return free_end;
failed:
    free(seen);
    worklist_free(&stack);
    return NO_ID;
}

/* Place in the order + 1; 0 is the root above all roots, NO_ID not known yet. */
static uint32_t common(const uint32_t *idom, uint32_t a, uint32_t b, uint64_t *steps)
{
    while (a != b) {
        if (a > b)
            a = idom[a];
        else
            b = idom[b];
        ++*steps;
    }
    return a;
}

int dominators_check(const struct snapshot *snapshot, enum edge_view view, const uint32_t *roots,
                     uint32_t root_count, const uint8_t *blocked,
                     const struct dominators *dominators, struct dominator_check *check)
{
    size_t room = (size_t)snapshot->object_count + 2;
    uint32_t *order = malloc(room * sizeof *order), *place = malloc(room * sizeof *place);
    uint32_t *idom = malloc(room * sizeof *idom);
    uint8_t *is_root = calloc(room, 1);
    struct referrers referrers = {0};
    int status = -1;
    *check = (struct dominator_check){DOMINATORS_HOLD, 0, NO_ID};
    if (!order || !place || !idom || !is_root ||
        referrers_build(snapshot, NULL, snapshot->object_count, view, &referrers) < 0)
        goto out;
    uint32_t begin = reverse_postorder(snapshot, view, roots, root_count, blocked, order);
    if (begin == NO_ID)
        goto out;
    const uint32_t *object = order + begin;
    uint32_t count = snapshot->object_count - begin;
    memset(place, 0, room * sizeof *place);
    memset(idom, 0xff, room * sizeof *idom);
    idom[0] = 0;
    for (uint32_t i = 0; i < count; i++)
        place[object[i]] = i + 1;
    for (uint32_t r = 0; r < root_count; r++)
        is_root[roots[r]] = 1;

    uint64_t steps = 0, bound = STEPS_BOUND * (uint64_t)room;
    for (bool changed = true; changed && steps <= bound; check->passes++) {
        changed = false;
        for (uint32_t i = 1; i <= count && steps <= bound; i++) {
            uint32_t o = object[i - 1], found = is_root[o] ? 0 : NO_ID;
            for (uint64_t r = referrers.first[o]; found && r < referrers.first[o + 1]; r++) {
                uint32_t from = place[referrers.source[r]];
                if (from && idom[from] != NO_ID)
                    found = found == NO_ID ? from : common(idom, from, found, &steps);
            }
            changed |= idom[i] != found;
            idom[i] = found;
        }
    }
    status = 0;
    if (steps > bound) {
        check->verdict = DOMINATORS_UNDECIDED;
        goto out;
    }
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        uint32_t wanted = !place[o]         ? DOMINATOR_DEAD
                          : !idom[place[o]] ? DOMINATOR_ROOTS
                                            : object[idom[place[o]] - 1];
        uint32_t got = dominators->parent[o];
        bool same = place[o] ? got == wanted : got != DOMINATOR_ROOTS;
        if (!same) {
            check->verdict = DOMINATORS_DIFFER;
            check->object = o;
            break;
        }
    }
out:
    free(order);
    free(place);
    free(idom);
    free(is_root);
    referrers_free(&referrers);
    return status;
}
