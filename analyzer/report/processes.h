/* SPDX-License-Identifier: MIT */
/* What `ouro processes` prints: all processes of a run as one, with a column for each. */
#ifndef OURO_ANALYZER_PROCESSES_H
#define OURO_ANALYZER_PROCESSES_H

#include <stdio.h>

#include "compare/by_process.h"

/* For people, in 80 columns; at most `top` entries of each list. */
void processes_text(FILE *out, const struct by_process *table, const char *path, uint32_t top,
                    bool utf8);

/* The same as Markdown tables, with a column for every process. */
void processes_markdown(FILE *out, const struct by_process *table, const char *path, uint32_t top);

/* For programs: docs/processes.schema.json. Returns 0, or -1 without memory or when out does not take
 * it. */
int processes_json(FILE *out, const struct by_process *table, const char *path, uint32_t top);

/* The letter of a column: "A" … "Z", "A1", … */
#define COLUMN_NAME_SIZE 16
void processes_column_name(uint32_t column, char name[COLUMN_NAME_SIZE]);

#endif
