/* SPDX-License-Identifier: MIT */
#include "cycles/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/human.h"
#include "text/utf8.h"

/* A first threshold above this was set to keep the collector away; the defaults are 700 to 5,000. */
#define THRESHOLD_ORDINARY 10000u

const char *verdict_name(enum verdict verdict)
{
    static const char *const name[] = {"GARBAGE", "UNCOLLECTABLE", "EXTERNALLY_HELD"};
    return name[verdict];
}

__attribute__((format(printf, 2, 3))) static const char *format(struct arena *arena,
                                                                const char *text, ...)
{
    char buffer[512];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(buffer, sizeof buffer, text, arguments);
    va_end(arguments);
    size_t length = strlen(buffer);
    if (length == sizeof buffer - 1) /* it may have been cut inside a character */
        length = utf8_whole(buffer, length - 4);
    return arena_copy(arena, buffer, length);
}

/* That the collector is switched off, by what, and since when as far as that is known. */
static const char *reason_off(const struct gc_state *gc, const char *by, struct arena *arena)
{
    if (!gc->off_since)
        return format(arena, "automatic collection is off (%s)", by);
    return format(arena, "automatic collection is off (%s), since +%s at the latest", by,
                  human_duration(gc->off_since).text);
}

const char *verdict_reason_garbage(const struct gc_state *gc, const struct garbage_facts *facts,
                                   struct arena *arena)
{
    if (facts->saved)
        return "gc.DEBUG_SAVEALL keeps what the collector finds in gc.garbage";
    if (facts->frozen == facts->members && facts->members)
        return "in the permanent generation: the collector passes over it until gc.unfreeze()";
    if (facts->frozen)
        return format(arena,
                      "%" PRIu64 " of its %" PRIu64 " objects are in the permanent generation "
                      "(gc.freeze())",
                      facts->frozen, facts->members);
    if (!gc->enabled)
        return reason_off(gc, "gc.disable()", arena);
    if (gc->generations && gc->threshold[0] == 0)
        return reason_off(gc, "gc.set_threshold(0)", arena);
    if (gc->debug & OURO_GC_SAVEALL)
        return "not collected yet; gc.DEBUG_SAVEALL would keep it in gc.garbage";
    if (facts->generation == 1 && gc->generations)
        return format(arena,
                      "made since the last collection (%" PRIu64 " of %" PRIu64
                      " allocations until the next)",
                      gc->count[0], gc->threshold[0]);
    if (facts->generation == 2 && gc->generations == 3)
        return format(arena,
                      "survived a young collection while still in use; generation 1 is due after "
                      "%" PRIu64 " of them, %" PRIu64 " so far",
                      gc->threshold[1], gc->count[1]);
    if (facts->generation == 3 && gc->generations == 3) {
        uint64_t quarter = gc->long_lived_total / 4;
        if (gc->long_lived_pending <= quarter)
            return format(arena,
                          "in the oldest generation, and a full collection waits for %" PRIu64
                          " new long-lived objects (a quarter of all), %" PRIu64 " so far",
                          quarter, gc->long_lived_pending);
        return format(arena,
                      "in the oldest generation, which is due after %" PRIu64
                      " collections of generation 1, %" PRIu64 " so far",
                      gc->threshold[2], gc->count[2]);
    }
    return "the collector has not come to it yet";
}

const char *verdict_reason_uncollectable(enum cause cause, const char *type, struct arena *arena)
{
    switch (cause) {
    case CAUSE_NO_TRAVERSE:
        return format(arena, "%s does not tell the collector its references (no tp_traverse)",
                      type);
    case CAUSE_UNTRACKED:
        return format(arena, "an object of type %s was never handed to the collector", type);
    case CAUSE_HIDDEN:
        return format(arena, "the tp_traverse of %s leaves out a reference of the cycle", type);
    case CAUSE_LEGACY_DEL:
        return format(arena, "%s has a legacy finalizer (tp_del), which the collector never calls",
                      type);
    case CAUSE_NO_CLEAR:
        return format(arena, "no type of the cycle can drop its references (%s has no tp_clear)",
                      type);
    case CAUSE_SAVED:
        return "in gc.garbage: the collector gave up on it, or something put it there";
    case CAUSE_HELD:
    case CAUSE_NONE:
        break;
    }
    return "the collector cannot know that it is unreachable";
}

const char *verdict_reason_held(uint64_t objects, uint64_t references, const char *type,
                                struct arena *arena)
{
    if (objects == 1)
        return format(arena, "%s %s is held by %" PRIu64 " unknown reference%s",
                      strchr("aeiouAEIOU", *type) ? "an" : "a", type, references,
                      references == 1 ? "" : "s");
    return format(arena,
                  "%" PRIu64 " objects, the first of type %s, are held by %" PRIu64
                  " unknown references",
                  objects, type, references);
}

bool verdict_is_pending(const struct gc_state *gc, const struct garbage_facts *facts)
{
    bool comes = !gc->generations || (gc->threshold[0] && gc->threshold[0] <= THRESHOLD_ORDINARY);
    return gc->enabled && comes && !facts->saved && !facts->frozen &&
           !(gc->debug & OURO_GC_SAVEALL);
}
