/* SPDX-License-Identifier: MIT */
/* Native leaks for people. */
#ifndef OURO_ANALYZER_TEXT_NATIVE_LEAKS_H
#define OURO_ANALYZER_TEXT_NATIVE_LEAKS_H

#include "report/page.h"
#include "report/report.h"

/* Blocks that nothing leads to, by stack; one line if there are none. */
void text_native_leaks(const struct page *page, const struct report *report, uint32_t top);

/* How much of it there is, for the report of everything; nothing if there is none for certain. */
void text_native_leaked(const struct page *page, const struct report *report);

/* The same in one line. */
void text_native_leaked_line(const struct page *page, const struct report *report);

#endif
