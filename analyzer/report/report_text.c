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
#define HOLDS 4u

static void snapshot_lines(const struct page *page, const struct report *report)
{
    const struct snapshot *s = report->snapshot;
    const struct garbage *g = &report->garbage;
    const struct gc_state *gc = &s->gc;
    char text[1024];
    snprintf(text, sizeof text, "snapshot %" PRIu32 " (%s, +%s): %s objects, %s, %s references",
             s->number, snapshot_reason_name(s->reason), human_duration(s->time).text,
             human_count(report->heap.objects).text, human_bytes(report->heap.bytes).text,
             human_count(report->heap.edges).text);
    page_wrap(page, "  ", text);
    snprintf(text, sizeof text,
             "checked: %s references between the %s objects the collector tracks, %s negative, "
             "%s objects held from outside; holders are known for %.1f %% of all bytes",
             human_count(g->references).text, human_count(g->tracked).text,
             human_count(g->negative_count).text, human_count(g->external).text,
             100 * report->heap.coverage);
    page_wrap(page, "  ", text);
    size_t used = (size_t)snprintf(text, sizeof text, "collector: %s, thresholds",
                                   gc->enabled ? "on" : "off");
    for (uint32_t i = 0; i < gc->generations && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %" PRIu64, gc->threshold[i]);
    used += (size_t)snprintf(text + used, sizeof text - used, ", counts");
    for (uint32_t i = 0; i < gc->generations && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %" PRIu64, gc->count[i]);
    snprintf(text + used, sizeof text - used, ", %s frozen", human_count(gc->frozen).text);
    page_wrap(page, "  ", text);
}

static void holds(const struct page *page, const struct cycle_group *group)
{
    char text[1024];
    size_t used = 0;
    for (uint32_t i = 0; i < group->hold_count && i < HOLDS && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", i ? ", " : "",
                                 group->holds[i].type, human_bytes(group->holds[i].bytes).text);
    if (group->hold_count > HOLDS && used < sizeof text)
        snprintf(text + used, sizeof text - used, ", and %s more types",
                 human_count(group->hold_count - HOLDS).text);
    if (used)
        page_wrap(page, LABEL("below:  "), text);
}

static void cycle_group(const struct page *page, const struct cycle_group *group, uint32_t rank)
{
    char text[512], label[24];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    snprintf(text, sizeof text, "%s %s %s cycle%s, %s objects, %s", group->signature,
             verdict_name(group->verdict), human_count(group->count).text,
             group->count == 1 ? "" : "s", human_count(group->objects).text,
             human_bytes(group->bytes).text);
    page_wrap(page, label, text);
    page_path(page, group, 4);
    page_wrap(page, LABEL("why:    "), group->reason);
    if (group->fix.reason)
        page_wrap(page, LABEL("cut:    "), group->fix.reason);
    if (group->fix.hint)
        page_wrap(page, LABEL("hint:   "), group->fix.hint);
    page_sites(page, LABEL("made:   "), group->sites, group->site_count, TEXT_PLACES);
    holds(page, group);
    char age[64] = "";
    if (group->age_known)
        snprintf(age, sizeof age, "about %s", human_duration((uint64_t)(group->age * 1e9)).text);
    if (group->count > 1) {
        snprintf(text, sizeof text, "%s on average%s%s%s",
                 human_bytes(group->bytes / group->count).text, *age ? ", the oldest " : "", age,
                 *age ? " old" : "");
        page_wrap(page, LABEL("each:   "), text);
    } else if (*age) {
        page_wrap(page, LABEL("age:    "), age);
    }
}

static void cycles_section(const struct page *page, const struct report *report, uint32_t top)
{
    const struct cycles *c = &report->cycles;
    char text[512];
    text_heading(page, "LEAKED CYCLES");
    if (!c->count) {
        page_wrap(page, "  ", "none: every object is reachable from something alive");
        return;
    }
    snprintf(text, sizeof text,
             "%s unreachable objects and what hangs below them, %s (%.1f %% of the heap), in %s "
             "cycle%s of %s kind%s",
             human_count(c->objects).text, human_bytes(c->bytes).text,
             text_percent(c->bytes, report->heap.bytes), human_count(c->count).text,
             c->count == 1 ? "" : "s", human_count(c->group_count).text,
             c->group_count == 1 ? "" : "s");
    page_wrap(page, "  ", text);
    if (c->shared_bytes || c->loose_bytes) {
        snprintf(text, sizeof text,
                 "of these bytes, %s hang below cycles of several kinds%s%s and are in no figure "
                 "below",
                 human_bytes(c->shared_bytes).text, c->loose_bytes ? ", or were dying: " : "",
                 c->loose_bytes ? human_bytes(c->loose_bytes).text : "");
        page_wrap(page, "  ", text);
    }
    for (uint32_t i = 0; i < c->group_count && i < top; i++)
        cycle_group(page, &c->groups[i], i + 1);
    text_more(page, c->group_count, top, "kinds of cycles");
}

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
        snapshot_lines(&page, report);
    text_notices(&page, report);
    processes_section(&page, report);
    if (report->snapshot) {
        cycles_section(&page, report, top);
        interning_section(&page, report, top);
        text_retained(&page, report);
        types_section(&page, report, top);
    }
    text_timeline(&page, report, top);
    text_allocations(&page, report, top);
    text_collector(&page, report);
}
