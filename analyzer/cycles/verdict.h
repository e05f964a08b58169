/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a root cycle and why it is still there, in words.
 */
#ifndef OURO_ANALYZER_VERDICT_H
#define OURO_ANALYZER_VERDICT_H

#include "model/model.h"
#include "structure/arena.h"

enum verdict {
    VERDICT_GARBAGE,         /* the collector would free it at its next full run */
    VERDICT_UNCOLLECTABLE,   /* unreachable, but the collector cannot free it */
    VERDICT_EXTERNALLY_HELD, /* alive, but by references alone that nothing known owns */
    VERDICT_COUNT
};

/* Why a cycle is uncollectable; earlier ones are told first. */
enum cause {
    CAUSE_NONE,
    CAUSE_NO_TRAVERSE, /* a member's type does not tell the collector its references */
    CAUSE_UNTRACKED,   /* a member was never handed to the collector */
    CAUSE_HIDDEN,      /* a member's type keeps a reference of the cycle to itself */
    CAUSE_LEGACY_DEL,
    CAUSE_NO_CLEAR,
    CAUSE_SAVED, /* in gc.garbage */
    CAUSE_HELD,  /* references to a member that nothing known owns */
};

/* What the reason of garbage depends on. */
struct garbage_facts {
    uint64_t members, frozen;
    uint32_t generation; /* of the oldest member, + 1; 0 not known */
    bool saved;          /* held by gc.garbage */
};

/* Whether a collector in that state will free such garbage in its course: nothing keeps it from it. */
bool verdict_is_pending(const struct gc_state *gc, const struct garbage_facts *facts);

/* The name of a verdict as in the JSON report. */
const char *verdict_name(enum verdict verdict);

/* The reason, constant or in the arena; NULL without memory. */
const char *verdict_reason_garbage(const struct gc_state *gc, const struct garbage_facts *facts,
                                   struct arena *arena);
const char *verdict_reason_held(uint64_t objects, uint64_t references, const char *type,
                                struct arena *arena);
const char *verdict_reason_uncollectable(enum cause cause, const char *type, struct arena *arena);

#endif
