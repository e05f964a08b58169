/* SPDX-License-Identifier: MIT */
/* Private to the text reports: the parts of leaked cycles, for the report and for `ouro cycles`. */
#ifndef OURO_ANALYZER_TEXT_CYCLES_H
#define OURO_ANALYZER_TEXT_CYCLES_H

#include "report/text_section.h"

/* How many objects are dead, and in how many cycles. */
void text_cycles_totals(const struct page *page, const struct report *report);

/* The groups: at most `top` leaks in full, and so many of those that only wait, a line each. */
void text_cycles_list(const struct page *page, const struct report *report, uint32_t top,
                      uint32_t pending_most);

/* Leaked references, nothing if there are none. */
void text_held(const struct page *page, const struct report *report, uint32_t top);

/* The head of a group: signature, path, verdict, what to cut. */
void text_cycle_group(const struct page *page, const struct cycle_group *group, const char *label);
void text_cycle_cut(const struct page *page, const struct cycle_group *group);

/* What tells more about a pattern; nothing if it is NULL. */
void text_cycle_pattern(const struct page *page, const char *pattern);

/* Cycles that the collector frees; nothing if they were not to be looked at. */
void text_shapes(const struct page *page, const struct report *report, uint32_t top);

/* Objects by type, at most so many types. */
void text_cycle_types(const struct page *page, const char *label, const struct type_total *types,
                      uint32_t count, uint32_t most);

#endif
