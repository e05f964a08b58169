/* SPDX-License-Identifier: MIT */
/* The report for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/text_section.h"
#include "text/human.h"

static void types_section(const struct page *page, const struct report *report, uint32_t top)
{
    const struct heap *h = &report->heap;
    text_heading(page, "TYPES");
    fprintf(page->out, "  %14s %12s  type\n", "objects", "bytes");
    for (uint32_t i = 0; i < h->type_count && i < top; i++) {
        fprintf(page->out, "  %14s %12s  ", human_count(h->types[i].count).text,
                human_bytes(h->types[i].bytes).text);
        page_name(page, h->types[i].type, PAGE_WIDTH - 32);
        fputc('\n', page->out);
    }
    text_more(page, h->type_count, top, "types");
}

void report_text(FILE *out, const struct report *report, const char *path, uint32_t top, bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    text_head(&page, "OURO REPORT", path);
    if (report->snapshot)
        text_snapshot(&page, report);
    text_notices(&page, report);
    text_processes(&page, report);
    if (report->snapshot) {
        text_cycles(&page, report, top);
        text_interning(&page, report, top);
    }
    text_leaks(&page, report, top);
    text_tests(&page, report, top);
    if (report->snapshot) {
        text_retained(&page, report);
        types_section(&page, report, top);
    }
    text_native(&page, report);
    text_timeline(&page, report, top);
    text_allocations(&page, report, top);
    text_collector(&page, report);
}
