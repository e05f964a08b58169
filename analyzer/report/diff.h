/* SPDX-License-Identifier: MIT */
/* What `ouro diff` prints. Same runs, same bytes. */
#ifndef OURO_ANALYZER_DIFF_H
#define OURO_ANALYZER_DIFF_H

#include <stdio.h>

#include "compare/difference.h"

/* What was compared, as it was named on the command line. */
struct diff_names {
    char *const *before, *const *after;
    uint32_t before_count, after_count;
};

/* For people, in 80 columns; at most `top` changes of each subject. */
void diff_text(FILE *out, const struct difference *difference, const struct diff_names *names,
               uint32_t top, bool utf8);

/* For a comment on a change, likewise. */
void diff_markdown(FILE *out, const struct difference *difference, const struct diff_names *names,
                   uint32_t top);

/* For programs: docs/diff.schema.json. Returns 0, or -1 without memory or when out does not take it. */
int diff_json(FILE *out, const struct difference *difference, const struct diff_names *names,
              uint32_t top);

#endif
