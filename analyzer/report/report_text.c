/* SPDX-License-Identifier: MIT */
/* The report for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/text_section.h"
#include "text/human.h"
#include "trace/trace_names.h"

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

static void processes_section(const struct page *page, const struct report *report)
{
    const struct run *run = report->run;
    if (run->process_count < 2)
        return;
    text_heading(page, "PROCESSES");
    for (uint32_t i = 0; i < run->process_count; i++) {
        const struct process *p = &run->processes[i];
        const struct snapshot *s = process_last_snapshot(p);
        char objects[64] = "no snapshot", text[2048];
        if (s)
            snprintf(objects, sizeof objects, "%s objects", human_count(s->object_count).text);
        text_arguments(page, p, PAGE_WIDTH - 42, text, sizeof text);
        fprintf(page->out, "%c %10" PRIu64 "  %-5s %-18s  %s\n", p == report->process ? '*' : ' ',
                p->pid, p->origin == OURO_ORIGIN_FORK ? "fork" : "exec", objects, text);
    }
    fputs("  this report is of the one with the star; --process PID shows another\n", page->out);
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
    processes_section(&page, report);
    if (report->snapshot) {
        text_cycles(&page, report, top);
        text_interning(&page, report, top);
    }
    text_leaks(&page, report, top);
    if (report->snapshot) {
        text_retained(&page, report);
        types_section(&page, report, top);
    }
    text_timeline(&page, report, top);
    text_allocations(&page, report, top);
    text_collector(&page, report);
}
