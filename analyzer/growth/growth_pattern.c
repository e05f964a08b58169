/* SPDX-License-Identifier: MIT */
#include "growth/growth_pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "patterns/pattern_match.h"

/* What to write where no pattern is known, by the container. */
static const struct {
    const char *container, *hint;
} hints[] = {
    {"dict",
     "remove the entry when its key is done with, bound the dict (a cache with a limit), or "
     "use a weakref.WeakKeyDictionary or WeakValueDictionary"},
    {"list", "remove what is done with, or keep the last ones only: collections.deque(maxlen=…)"},
    {"set", "discard what is done with, or use a weakref.WeakSet"},
    {"collections.deque", "give the deque a maxlen, or take out as much as is put in"},
    {"collections.OrderedDict", "drop the oldest entry when it has reached its limit: "
                                "popitem(last=False)"},
    {"collections.defaultdict", "remove the entry when its key is done with: to ask a defaultdict "
                                "for a key makes one"},
};

static const char *hint_of(const struct growth_suspect *suspect, uint32_t earlier,
                           struct arena *arena)
{
    char text[160];
    if (suspect->released && !earlier)
        return "its holder went away with the end of the program: take a snapshot while it runs to "
               "see the holder (ouro run --snapshot-every, ouro snapshot)";
    if (suspect->released) {
        snprintf(text, sizeof text,
                 "its holder went away with the end of the program: ouro leaks RUN --snapshot "
                 "%" PRIu32 " shows who it was",
                 earlier);
        return arena_copy(arena, text, strlen(text));
    }
    if (suspect->spread)
        return "look at what hangs there with the path of one of them: ouro path RUN TYPE --all";
    for (size_t i = 0; suspect->container_type && i < sizeof hints / sizeof *hints; i++) {
        if (!strcmp(hints[i].container, suspect->container_type))
            return hints[i].hint;
    }
    return suspect->container == NO_ID ? "find what refers to one of them: ouro path RUN TYPE --all"
                                       : "let go of what is done with, or refer to it weakly";
}

int growth_pattern_find(const struct growth_evidence *evidence, struct arena *arena,
                        struct growth_suspect *suspect)
{
    const struct root_path *path = evidence->path;
    uint32_t count = path ? path->count : 0;
    struct pattern_subject subject = {.cause = 0, .file = "", .function = ""};
    struct cycle_step *steps = arena_alloc(arena, (size_t)count + 1, sizeof *steps);
    if (!steps)
        return -1;
    for (uint32_t i = 0; i < count; i++)
        steps[i] = (struct cycle_step){path->steps[i].type, path->steps[i].edge};
    subject.steps = steps;
    subject.count = count;
    suspect->hint = hint_of(suspect, evidence->earlier, arena);
    if (!suspect->hint)
        return -1;
    for (size_t p = 0; p < patterns_of_growth.count && !suspect->spread; p++) {
        const struct pattern *pattern = &patterns_of_growth.patterns[p];
        uint32_t at = 0;
        if ((evidence->flags & pattern->flags) != pattern->flags ||
            (pattern->key && strcmp(pattern->key, evidence->key) != 0) ||
            (pattern->rule[0] && !count) || (!path && !pattern->flags) ||
            !pattern_applies(pattern, &subject, &at))
            continue;
        suspect->pattern = pattern;
        suspect->hint = pattern->hint;
        return 0;
    }
    return 0;
}
