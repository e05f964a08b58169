/* SPDX-License-Identifier: MIT */
#include "cycles/cycle_break.h"

#include <stdlib.h>
#include <string.h>

#include "cycles/verdict.h"
#include "graph/edge_label.h"

const char *cycle_break_hint(struct arena *arena, const char *template, const char *name,
                             const char *type)
{
    static const char keys[2][7] = {"{name}", "{type}"};
    const char *const values[2] = {name, type};
    size_t room = strlen(template) + 1;
    for (int k = 0; k < 2; k++) {
        for (const char *at = template; (at = strstr(at, keys[k])); at += 6)
            room += strlen(values[k]);
    }
    char *text = arena_alloc(arena, room, 1), *end = text;
    while (text && *template) {
        int k = !strncmp(template, keys[0], 6) ? 0 : !strncmp(template, keys[1], 6) ? 1 : 2;
        if (k == 2) {
            *end++ = *template ++;
        } else {
            end = stpcpy(end, values[k]);
            template += 6;
        }
    }
    return text;
}

/* The first step of a path from an object whose type does not tell the collector what it refers to. */
static uint32_t mute_find(const struct type_order *order, const struct cycle_core *core,
                          const struct cycle_path *path)
{
    for (uint32_t i = 0; i < path->length; i++) {
        if (!(order->flags[core->steps[path->step[i]].source] & OURO_TYPE_TRAVERSE))
            return i;
    }
    return 0;
}

/* Whether step i of the path appeared before: all references of a step are taken out together. */
static bool seen_before(const struct cycle_path *path, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++) {
        if (path->step[j] == path->step[i])
            return true;
    }
    return false;
}

/* References into each node of the path from within the cycle: the largest number wins. */
static int busiest_find(const struct cycle_core *core, uint32_t cycle,
                        const struct cycle_path *path, uint32_t *at)
{
    uint32_t first = core->cycle_first[cycle], end = core->cycle_first[cycle + 1];
    uint32_t *references = calloc((size_t)(end - first) + 1, sizeof *references);
    if (!references)
        return -1;
    for (uint64_t e = core->csr.first[first]; e < core->csr.first[end]; e++)
        references[core->csr.target[e] - first]++;
    uint32_t most = 0;
    for (uint32_t i = 0; i < path->length; i++) {
        uint32_t target = path->node[(i + 1) % path->length];
        if (references[target - first] > most) {
            most = references[target - first];
            *at = i;
        }
    }
    free(references);
    return 0;
}

/* Steps tried at most: each costs one pass over the component. */
#define TRIES 12

/* Without a known pattern: the step without which no cycle is left, or the busiest. */
static int step_choose(const struct cycle_core *core, uint32_t cycle, const struct cycle_path *path,
                       struct cycle_break *choice)
{
    int best = -1;
    uint32_t tries = 0;
    for (uint32_t i = 0; i < path->length && tries < TRIES; i++) {
        const struct step *step = &core->steps[path->step[i]];
        if (seen_before(path, i))
            continue;
        tries++;
        if (best >= 0 && cycle_cuts_weakness(step) > best)
            continue; /* among equals the last one wins: it closes the cycle */
        int acyclic = cycle_core_acyclic_without(core, cycle, &path->step[i], 1);
        if (acyclic < 0)
            return -1;
        if (acyclic) {
            best = cycle_cuts_weakness(step);
            choice->at = i;
        }
    }
    choice->reason = "without this reference no cycle is left";
    if (best >= 0)
        return 0;
    choice->reason = "leads to the object most of the cycle refers to";
    return busiest_find(core, cycle, path, &choice->at);
}

/* What must go beside the chosen step. */
static int others_find(struct cuts_finder *finder, const struct type_order *order,
                       const struct cycle_core *core, uint32_t cycle, uint32_t chosen,
                       struct arena *arena, struct cycle_break *choice)
{
    uint32_t steps[CUTS_MAX] = {chosen};
    int count = cycle_cuts_complete(finder, cycle, steps, 1);
    if (count < 0)
        return -1;
    choice->cuts = (uint32_t)count;
    choice->other_count = count > (int)CUTS_MAX ? 0 : (uint32_t)count - 1;
    choice->others = arena_alloc(arena, choice->other_count, sizeof *choice->others);
    if (!choice->others)
        return -1;
    for (uint32_t i = 0; i < choice->other_count; i++) {
        const struct step *step = &core->steps[steps[i + 1]];
        choice->others[i].type = order->name[step->source];
        choice->others[i].edge = edge_label_text(arena, step->kind, step->name);
        if (!choice->others[i].edge)
            return -1;
    }
    return 0;
}

int cycle_break_choose(struct cuts_finder *finder, const struct type_order *order,
                       const struct cycle_core *core, uint32_t cycle, const struct cycle_path *path,
                       const struct pattern_subject *subject, struct arena *arena,
                       struct cycle_break *choice)
{
    *choice = (struct cycle_break){0};
    const struct pattern *pattern = pattern_match(subject, &choice->at);
    if (pattern) {
        choice->reason = pattern->reason;
        choice->pattern = pattern->id;
    } else if (step_choose(core, cycle, path, choice) < 0) {
        return -1;
    }
    if (pattern && pattern->cause == CAUSE_NO_TRAVERSE && !pattern->rule[0])
        choice->at = mute_find(order, core, path);
    const struct step *step = &core->steps[path->step[choice->at]];
    const char *type = order->name[step->source];
    if (pattern)
        choice->hint = cycle_break_hint(arena, pattern->hint, step->name, type);
    else if (step->kind == OURO_LABEL_ATTRIBUTE)
        choice->hint =
            cycle_break_hint(arena, "make it weak (weakref.ref), or set .{name} to None when done",
                             step->name, type);
    else
        choice->hint = cycle_break_hint(
            arena, "take it out of the {type} when done, or hold it weakly", "", type);
    if (!choice->hint)
        return -1;
    if (pattern && pattern->whole)
        return 0;
    return others_find(finder, order, core, cycle, path->step[choice->at], arena, choice);
}
