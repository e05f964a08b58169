/* SPDX-License-Identifier: MIT */
/*
 * Which line of the program stands for an allocation: that of the innermost frame that is not in a
 * library. What a library does below it may change with the library; what importing does depends on
 * whether compiled files were there, so all of that is one place.
 */
#ifndef OURO_ANALYZER_SOURCE_LINES_H
#define OURO_ANALYZER_SOURCE_LINES_H

#include "compare/digest.h"
#include "model/sites.h"
#include "structure/key_table.h"

struct source_lines {
    const struct process *process;
    uint32_t *of_site;           /* site → number of its line */
    struct key_table lines;      /* by (function, line) */
    struct digest_place *places; /* number → place; texts are in the arena */
    bool *library;               /* number → the place is in no code of the program */
    struct arena *arena;
};

/* Returns 0, or -1 without memory; released by source_lines_free() either way. */
int source_lines_build(const struct process *process, const struct site_table *sites,
                       struct source_lines *lines);
void source_lines_free(struct source_lines *lines);

#endif
