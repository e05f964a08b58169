/* SPDX-License-Identifier: MIT */
/*
 * The rules of `ouro check`: what each is about, and the limits it has unless told otherwise. A new
 * rule is a row here and its finding of items in judge.c; formats and options follow from the table.
 */
#ifndef OURO_ANALYZER_RULES_H
#define OURO_ANALYZER_RULES_H

#include "compare/tolerance.h"

/* In the order of reports. */
enum rule {
    RULE_NEW_CYCLE,
    RULE_MORE_CYCLES,
    RULE_UNCOLLECTABLE,
    RULE_LEAKED_REFERENCE,
    RULE_GROWTH_SUSPECT,
    RULE_LINE_GROWTH,
    RULE_TYPE_GROWTH,
    RULE_GROWTH,
    RULE_PEAK,
    RULE_ALLOCATIONS,
    RULE_DUPLICATES,
    RULE_LEAKING_TEST,
    RULE_NATIVE_LINE_GROWTH,
    RULE_NATIVE_GROWTH,
    RULE_NATIVE_LEAK,
    RULE_NATIVE_SUSPECT,
    RULES
};

enum level { LEVEL_OFF, LEVEL_WARNING, LEVEL_FAILURE };

struct rule_info {
    const char *name;
    const char *what;      /* a finding, in one line */
    enum level level;      /* unless told otherwise */
    bool baseline;         /* means nothing without one */
    struct tolerance more; /* what is no finding yet */
};

const struct rule_info *rule_info(enum rule rule);

/* Index of a rule by name, or RULES. */
enum rule rule_find(const char *name, size_t length);

/* The rule name that a misspelt one was meant to be, or NULL. */
const char *rule_guess(const char *name);

const char *level_name(enum level level);

#endif
