/* SPDX-License-Identifier: MIT */
#include "cycles/cycle_break.h"

#include <stdlib.h>
#include <string.h>

#define ANY_KIND UINT32_MAX

/*
 * A known pattern. It applies to a step of the path whose source type, kind and name are as given
 * (NULL, ANY_KIND: any). The reference to give up is `back` steps before it. Earlier entries win.
 * {name} and {type} in a hint stand for the step to give up.
 */
struct pattern {
    const char *id;
    const char *type;
    uint32_t kind;
    const char *name;
    uint32_t back;
    uint32_t length; /* 0, or the length the path must have */
    const char *reason;
    const char *hint;
};

#define ATTRIBUTE OURO_LABEL_ATTRIBUTE
#define TRACEBACK_HINT \
    "let go of the exception: leave the except block, `del` the variable, or `e.__traceback__ = None`"
#define PARENT_HINT "keep the way up weak: put a weakref.ref(...) into {name}"
#define PREVIOUS_HINT "keep the way back weak: put a weakref.ref(...) into {name}"
#define OBSERVER_HINT "hold the callbacks weakly: weakref.WeakMethod or weakref.WeakSet"
#define FRAME_HINT "`del` the local variable that holds the frame when done with it"
#define CLOSURE_HINT \
    "move the function to module level, pass it as an argument, or set the name to None when done"
#define CLASS_HINT "make the class once, at module level, not at each call"
#define GENERATOR_HINT \
    "run it to its end or call its close(), and do not store it in its own variables"

static const struct pattern patterns[] = {
    {"self-reference", NULL, ATTRIBUTE, NULL, 0, 1, "the object refers to itself",
     "do not store self in self.{name}; pass it where it is needed"},
    {"exception-traceback", NULL, ATTRIBUTE, "__traceback__", 0, 0,
     "an exception kept by a frame that its own traceback refers to", TRACEBACK_HINT},
    {"exception-traceback", NULL, ATTRIBUTE, "tb_frame", 0, 0,
     "a traceback kept by a frame it refers to", TRACEBACK_HINT},
    {"parent-pointer", NULL, ANY_KIND, "parent", 0, 0, "parent pointer", PARENT_HINT},
    {"parent-pointer", NULL, ANY_KIND, "_parent", 0, 0, "parent pointer", PARENT_HINT},
    {"parent-pointer", NULL, ANY_KIND, "__parent", 0, 0, "parent pointer", PARENT_HINT},
    {"parent-pointer", NULL, ANY_KIND, "parentNode", 0, 0, "parent pointer", PARENT_HINT},
    {"parent-pointer", NULL, ANY_KIND, "parent_node", 0, 0, "parent pointer", PARENT_HINT},
    {"parent-pointer", NULL, ANY_KIND, "up", 0, 0, "parent pointer", PARENT_HINT},
    {"owner-pointer", NULL, ANY_KIND, "owner", 0, 0, "back pointer to the owner", PARENT_HINT},
    {"owner-pointer", NULL, ANY_KIND, "_owner", 0, 0, "back pointer to the owner", PARENT_HINT},
    {"owner-pointer", NULL, ANY_KIND, "container", 0, 0, "back pointer to the owner", PARENT_HINT},
    {"owner-pointer", NULL, ANY_KIND, "_container", 0, 0, "back pointer to the owner", PARENT_HINT},
    {"owner-pointer", NULL, ANY_KIND, "root", 0, 0, "back pointer to the root", PARENT_HINT},
    {"owner-pointer", NULL, ANY_KIND, "_root", 0, 0, "back pointer to the root", PARENT_HINT},
    {"back-link", NULL, ANY_KIND, "prev", 0, 0, "back link of a linked list", PREVIOUS_HINT},
    {"back-link", NULL, ANY_KIND, "_prev", 0, 0, "back link of a linked list", PREVIOUS_HINT},
    {"back-link", NULL, ANY_KIND, "previous", 0, 0, "back link of a linked list", PREVIOUS_HINT},
    {"bound-method", "method", ATTRIBUTE, "__self__", 1, 0,
     "a bound method refers to the object that stores it",
     "store the function, or weakref.WeakMethod(self.method)"},
    {"exception-chain", NULL, ATTRIBUTE, "__context__", 0, 0, "an exception chain that leads back",
     "raise ... from None, or clear e.__context__"},
    {"exception-chain", NULL, ATTRIBUTE, "__cause__", 0, 0, "an exception chain that leads back",
     "raise ... from None, or clear e.__cause__"},
    {"generator-local", "generator", OURO_LABEL_LOCAL, NULL, 0, 0,
     "a suspended generator's variable leads back to the generator", GENERATOR_HINT},
    {"coroutine-local", "coroutine", OURO_LABEL_LOCAL, NULL, 0, 0,
     "a suspended coroutine's variable leads back to the coroutine", GENERATOR_HINT},
    {"frame-local", "frame", OURO_LABEL_LOCAL, NULL, 0, 0,
     "a local variable leads back to its own frame", FRAME_HINT},
    {"closure", NULL, OURO_LABEL_CELL, NULL, 0, 0,
     "an inner function that refers to itself through its closure", CLOSURE_HINT},
    {"closure", "cell", ATTRIBUTE, "cell_contents", 0, 0,
     "an inner function that refers to itself through its closure", CLOSURE_HINT},
    {"observer", NULL, ATTRIBUTE, "callbacks", 0, 0, "registered callbacks lead back",
     OBSERVER_HINT},
    {"observer", NULL, ATTRIBUTE, "_callbacks", 0, 0, "registered callbacks lead back",
     OBSERVER_HINT},
    {"observer", NULL, ATTRIBUTE, "callback", 0, 0, "a registered callback leads back",
     OBSERVER_HINT},
    {"observer", NULL, ATTRIBUTE, "handlers", 0, 0, "registered handlers lead back", OBSERVER_HINT},
    {"observer", NULL, ATTRIBUTE, "listeners", 0, 0, "registered listeners lead back",
     OBSERVER_HINT},
    {"observer", NULL, ATTRIBUTE, "observers", 0, 0, "registered observers lead back",
     OBSERVER_HINT},
    {"class-at-run-time", NULL, ATTRIBUTE, "__mro__", 0, 0,
     "every class refers to itself through its __mro__", CLASS_HINT},
    {"class-at-run-time", NULL, ATTRIBUTE, "__objclass__", 0, 0,
     "a class and what it defines refer to each other", CLASS_HINT},
    {"self-container", NULL, ANY_KIND, NULL, 0, 1, "the container holds itself",
     "do not put it into itself"},
};

/* Whether the name of a step is as given; that of a key is in quotes. */
static bool name_is(const struct step *step, const char *name)
{
    if (step->kind != OURO_LABEL_KEY)
        return !strcmp(step->name, name);
    size_t length = strlen(name);
    return step->name[0] == '\'' && !strncmp(step->name + 1, name, length) &&
           !strcmp(step->name + 1 + length, "'");
}

static bool pattern_matches(const struct pattern *pattern, const struct type_order *order,
                            const struct cycle_core *core, const struct cycle_path *path,
                            uint32_t at)
{
    const struct step *step = &core->steps[path->step[at]];
    if (pattern->length && pattern->length != path->length)
        return false;
    if (pattern->type && strcmp(pattern->type, order->name[step->source]) != 0)
        return false;
    if (pattern->kind != ANY_KIND && pattern->kind != step->kind)
        return false;
    return !pattern->name || name_is(step, pattern->name);
}

/* Replaces {name} and {type} in a template. */
static const char *hint_fill(struct arena *arena, const char *template, const char *name,
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

/* The first pattern of the table that applies anywhere on the path. */
static const struct pattern *pattern_find(const struct type_order *order,
                                          const struct cycle_core *core,
                                          const struct cycle_path *path, uint32_t *at)
{
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        for (uint32_t i = 0; i < path->length; i++) {
            if (pattern_matches(&patterns[p], order, core, path, i)) {
                *at = (i + path->length - patterns[p].back % path->length) % path->length;
                return &patterns[p];
            }
        }
    }
    return NULL;
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

/* A named reference can be made weak; the slot of a container cannot. */
static int weakness(const struct step *step)
{
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

int cycle_break_choose(const struct type_order *order, const struct cycle_core *core,
                       uint32_t cycle, const struct cycle_path *path, struct arena *arena,
                       struct cycle_break *choice)
{
    *choice = (struct cycle_break){0};
    const struct pattern *pattern = pattern_find(order, core, path, &choice->at);
    if (pattern) {
        const struct step *step = &core->steps[path->step[choice->at]];
        choice->reason = pattern->reason;
        choice->pattern = pattern->id;
        choice->hint = hint_fill(arena, pattern->hint, step->name, order->name[step->source]);
        return choice->hint ? 0 : -1;
    }

    int best = -1;
    uint32_t tries = 0;
    for (uint32_t i = 0; i < path->length && tries < TRIES; i++) {
        const struct step *step = &core->steps[path->step[i]];
        if (seen_before(path, i))
            continue;
        tries++;
        if (best >= 0 && weakness(step) > best)
            continue; /* among equals the last one wins: it closes the cycle */
        int acyclic = cycle_core_acyclic_without(core, cycle, path->step[i]);
        if (acyclic < 0)
            return -1;
        if (acyclic) {
            best = weakness(step);
            choice->at = i;
        }
    }
    if (best >= 0) {
        choice->reason = "without this reference no cycle is left";
    } else {
        if (busiest_find(core, cycle, path, &choice->at) < 0)
            return -1;
        choice->reason = "leads to the object most of the cycle refers to; "
                         "more than one kind of reference must be given up";
    }
    const struct step *step = &core->steps[path->step[choice->at]];
    if (step->kind == OURO_LABEL_ATTRIBUTE)
        choice->hint =
            hint_fill(arena, "make it weak (weakref.ref), or set .{name} to None when done",
                      step->name, order->name[step->source]);
    else
        choice->hint = hint_fill(arena, "take it out of the {type} when done, or hold it weakly",
                                 "", order->name[step->source]);
    return choice->hint ? 0 : -1;
}
