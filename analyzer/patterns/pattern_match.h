/* SPDX-License-Identifier: MIT */
/* Which pattern of the catalogue a cycle is an instance of. */
#ifndef OURO_ANALYZER_PATTERN_MATCH_H
#define OURO_ANALYZER_PATTERN_MATCH_H

#include "cycles/path.h"
#include "patterns/pattern.h"

struct pattern_subject {
    const struct cycle_step *steps; /* the path, or its beginning */
    uint32_t count;
    bool ring;                   /* all of it: the last step leads to the first */
    uint32_t cause;              /* enum cause */
    const char *file, *function; /* in which most of it was made, "" not known */
};

/* The first pattern that applies, and in *at the step to give up; NULL if none does. */
const struct pattern *pattern_match(const struct pattern_subject *subject, uint32_t *at);

/* Whether one applies. */
bool pattern_applies(const struct pattern *pattern, const struct pattern_subject *subject,
                     uint32_t *at);

/* Whether text is what glob describes; '*' stands for any text. */
bool pattern_glob(const char *glob, size_t glob_length, const char *text);

#endif
