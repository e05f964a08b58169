/* SPDX-License-Identifier: MIT */
/* The report for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/text_section.h"
#include "text/human.h"
#include "text/utf8.h"
#include "trace/trace_names.h"

#define VALUES 3u

static void examples(const struct page *page, const struct interning_group *group)
{
    char text[1024];
    size_t used = 0;
    for (uint32_t i = 0; i < group->example_count && i < VALUES && used < sizeof text; i++) {
        const struct interning_example *e = &group->examples[i];
        if (!e->value)
            return;
        bool quoted = e->bytes || !strcmp(group->type, "str");
        bool cut = e->truncated || strlen(e->value) > 60;
        int length = (int)utf8_whole(e->value, strnlen(e->value, 60));
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s%.*s%s%s (%s)", i ? ", " : "",
                             quoted ? "'" : "", length, e->value, cut ? page->ellipsis : "",
                             quoted ? "'" : "", human_count(e->copies).text);
    }
    if (used)
        page_wrap(page, LABEL("values: "), text);
}

static void interning_section(const struct page *page, const struct report *report, uint32_t top)
{
    const struct interning *n = &report->interning;
    char text[512];
    uint32_t shown = 0, worth = 0;
    text_heading(page, "INTERNING SAVINGS");
    if (!n->group_count) {
        page_wrap(page, "  ", "none: no two objects have equal values");
        return;
    }
    snprintf(text, sizeof text,
             "%s str, bytes, int and float objects have one of %s values; one object for each "
             "would save %s (%.1f %% of the heap), the table of them already deducted",
             human_count(n->copies).text, human_count(n->distinct).text,
             human_bytes(n->net_bytes).text, text_percent(n->net_bytes, report->heap.bytes));
    page_wrap(page, "  ", text);
    for (uint32_t i = 0; i < n->group_count; i++) {
        const struct interning_group *g = &n->groups[i];
        if (g->advice == ADVICE_NO)
            continue;
        worth++;
        if (shown >= top)
            continue;
        char label[24];
        snprintf(label, sizeof label, "\n#%-3" PRIu32, ++shown);
        snprintf(text, sizeof text, "%s by one copy of each %s in %s",
                 human_bytes(g->net_bytes).text, g->type, g->holder);
        page_wrap(page, label, text);
        snprintf(text, sizeof text, "%s, %s distinct; worth interning: %s",
                 human_count(g->copies).text, human_count(g->distinct).text,
                 g->advice == ADVICE_INTERN ? "yes" : "maybe");
        page_wrap(page, LABEL("copies: "), text);
        page_wrap(page, LABEL("fix:    "), g->fix);
        page_sites(page, LABEL("made:   "), g->sites, g->site_count, TEXT_PLACES);
        examples(page, g);
    }
    if (n->group_count > worth) {
        fputc('\n', page->out);
        snprintf(text, sizeof text,
                 "%s place%s with fewer duplicates %s not worth the trouble (--format json lists "
                 "%s)",
                 human_count(n->group_count - worth).text, n->group_count - worth == 1 ? "" : "s",
                 n->group_count - worth == 1 ? "is" : "are",
                 n->group_count - worth == 1 ? "it" : "them");
        page_wrap(page, "  ", text);
    }
    text_more(page, worth, top, "places");
}

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
        interning_section(&page, report, top);
        text_retained(&page, report);
        types_section(&page, report, top);
    }
    text_timeline(&page, report, top);
    text_allocations(&page, report, top);
    text_collector(&page, report);
}
