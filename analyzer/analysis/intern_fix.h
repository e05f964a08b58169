/* SPDX-License-Identifier: MIT */
/* What to change so that equal values become one object: by what holds them and what makes them. */
#ifndef OURO_ANALYZER_INTERN_FIX_H
#define OURO_ANALYZER_INTERN_FIX_H

#include "graph/holder.h"
#include "model/model.h"

enum fix_kind {
    FIX_INTERN,      /* x = sys.intern(x) */
    FIX_CACHE,       /* x = cache.setdefault(x, x) */
    FIX_OBJECT_HOOK, /* one of these, in a hook of the parser */
    FIX_NONE,        /* the runtime makes them */
};

const char *fix_kind_name(enum fix_kind kind);

struct fix {
    enum fix_kind kind;
    const char *text;
    uint32_t site; /* the frame of the program at which to change it; 0: not known */
};

/* What is known of a group of equal values. */
struct fix_subject {
    const char *type;
    const struct holder *holder; /* of most of them */
    bool programs;               /* the program put them there */
    uint32_t site;               /* that made most of them */
    uint64_t distinct;
};

/* The fix for a group; text is in the arena. False without memory. */
bool intern_fix(const struct process *process, const struct fix_subject *subject,
                struct arena *arena, struct fix *fix);

#endif
