/* SPDX-License-Identifier: MIT */
/* Which known way to keep too much a growth suspect is an instance of, and what to do about it. */
#ifndef OURO_ANALYZER_GROWTH_PATTERN_H
#define OURO_ANALYZER_GROWTH_PATTERN_H

#include "growth/growth.h"

/* What a pattern is matched against. */
struct growth_evidence {
    const struct root_path *path; /* from a root to one of the entries; NULL: not known */
    const char *key;              /* the type most keys of the container have, "" if it has none */
    uint32_t earlier; /* an earlier snapshot that would show the holder; 0: there is none */
    uint32_t flags;   /* enum ouro_object_flag that most of what piles up has */
};

/* Sets pattern and hint of the suspect. Returns 0, or -1 without memory. */
int growth_pattern_find(const struct growth_evidence *evidence, struct arena *arena,
                        struct growth_suspect *suspect);

#endif
