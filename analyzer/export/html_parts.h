/* SPDX-License-Identifier: MIT */
/*
 * Parts of the HTML page's data beside the report itself. Each writes one JSON object; all return 0, or
 * -1 without memory. Lists are bounded, and say how much they leave out.
 */
#ifndef OURO_ANALYZER_HTML_PARTS_H
#define OURO_ANALYZER_HTML_PARTS_H

#include "report/report.h"

/*
 * The top of the dominator tree: the objects that retain most, and below each the rest by type. docs/export.md
 * lists the keys.
 */
int html_tree_write(FILE *out, const struct report *report, uint32_t most);

/* What happened when: collections with their pauses, marks, children. */
int html_events_write(FILE *out, const struct report *report, uint32_t most);

/* The patterns of the catalogue that the report's findings are instances of, as `ouro explain` tells them. */
int html_patterns_write(FILE *out, const struct report *report);

/*
 * Lines of source around the places that a document refers to, as far as the files are there and have
 * not changed since the run began. Only files with the name of a Python module are read: which ones, the
 * trace says, and it may be a stranger's.
 */
int html_sources_write(FILE *out, const struct process *process, const uint32_t *sites,
                       uint32_t count);

#endif
