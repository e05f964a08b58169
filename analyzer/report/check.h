/* SPDX-License-Identifier: MIT */
/* What `ouro check` prints, in the formats that pipelines take. Same input, same bytes. */
#ifndef OURO_ANALYZER_CHECK_H
#define OURO_ANALYZER_CHECK_H

#include <stdio.h>

#include "compare/judge.h"

struct check_report {
    const struct judgement *judgement;
    const char *run, *baseline; /* as they were named; baseline NULL: none */
    const char *started;        /* when the run began, "2026-01-31T17:05:09", in UTC */
    bool updated;               /* a new baseline was written */
};

/* The order of the option --format. */
enum check_format {
    CHECK_TEXT,
    CHECK_JSON,
    CHECK_MARKDOWN,
    CHECK_JUNIT,
    CHECK_SARIF,
    CHECK_GITHUB,
    CHECK_GITLAB,
};

/* Returns 0, or -1 without memory or when out does not take it. utf8: arrows in the text for people. */
int check_write(FILE *out, const struct check_report *report, enum check_format format, bool utf8);

#endif
