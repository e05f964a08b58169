/* SPDX-License-Identifier: MIT */
/* Private to the text reports: what their sections look like, and sections that are files of their
 * own. */
#ifndef OURO_ANALYZER_TEXT_SECTION_H
#define OURO_ANALYZER_TEXT_SECTION_H

#include "report/page.h"
#include "report/report.h"

/* The end of the label column of a group. */
#define LABEL(text) "    " text

/* Entries of a list unless told otherwise, and places of one entry. */
#define TEXT_TOP 10u
#define TEXT_PLACES 3u

/* " (SIZE of it native memory)", or "" where that is less than a hundredth. Returns text. */
#define TEXT_NATIVE 64
const char *text_native_part(uint64_t native, uint64_t bytes, char text[TEXT_NATIVE]);

/* Of the whole, in per cent; 0 if there is none. */
double text_percent(uint64_t part, uint64_t whole);

/* An empty line, then the title of a section. */
void text_heading(const struct page *page, const char *text);

/* That there are more than the top entries. */
void text_more(const struct page *page, uint64_t count, uint32_t top, const char *what);

/* The arguments of a process, as far as they fit. */
void text_arguments(const struct page *page, const struct process *process, int columns, char *text,
                    size_t size);

/* The top of a report: its title, the run, the process. */
void text_head(const struct page *page, const char *title, const char *path);

/* What is missing from the data, one NOTE each. */
void text_notices(const struct page *page, const struct report *report);

/* A type's name, "?" when it is not known, cut and padded to `room` columns. */
void text_type(const struct page *page, const char *type, int room);

/* The snapshot, what was checked of it, and the state of the collector. */
void text_snapshot(const struct page *page, const struct report *report);

/* A process in a list: a mark, its number, indented by its depth in the tree, how it began, figures,
 * its arguments as far as they fit. */
#define TEXT_PROCESS_NAME 17
void text_process(const struct page *page, const struct process *process, uint32_t depth,
                  const char *mark, const char *figures);

/* The mixed stack of native memory, a frame a line. */
void text_native_frames(const struct page *page, const struct report *report,
                        const struct native_site *site);

/* Sections of the report. */
void text_processes(const struct page *page, const struct report *report);
void text_cycles(const struct page *page, const struct report *report, uint32_t top);
void text_interning(const struct page *page, const struct report *report, uint32_t top);
void text_allocations(const struct page *page, const struct report *report, uint32_t top);
void text_tests(const struct page *page, const struct report *report, uint32_t top);
void text_leaks(const struct page *page, const struct report *report, uint32_t top);
void text_retained(const struct page *page, const struct report *report);
void text_collector(const struct page *page, const struct report *report);
void text_timeline(const struct page *page, const struct report *report, uint32_t top);
void text_native(const struct page *page, const struct report *report);

#endif
