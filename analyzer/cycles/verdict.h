/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a root cycle and why it is still there, in words.
 */
#ifndef OURO_ANALYZER_VERDICT_H
#define OURO_ANALYZER_VERDICT_H

#include "model/model.h"
#include "structure/arena.h"

enum verdict {
    VERDICT_GARBAGE,       /* the collector would free it at its next full run */
    VERDICT_UNCOLLECTABLE, /* unreachable, but the collector cannot free it */
    VERDICT_EXTERNALLY_HELD,
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
};

/* What the reason of garbage depends on. */
struct garbage_facts {
    uint64_t members, frozen;
    uint32_t generation; /* of the oldest member, + 1; 0 not known */
    bool saved;          /* held by gc.garbage */
};

/* The name of a verdict as in the JSON report. */
const char *verdict_name(enum verdict verdict);

/* The reason, constant or in the arena; NULL without memory. */
const char *verdict_reason_garbage(const struct gc_state *gc, const struct garbage_facts *facts,
                                   struct arena *arena);
const char *verdict_reason_uncollectable(enum cause cause, const char *type, struct arena *arena);

#endif
