/* SPDX-License-Identifier: MIT */
/* The cyclic collector: its runs, what they took and freed, and whose objects that were. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/text_cycles.h"

/* Total and share of the pauses, as far as they are known. */
static void pauses(const struct page *page, const struct collector *c)
{
    const struct generation *all = &c->all;
    char text[512];
    if (!c->followed) {
        page_wrap(page, "  ",
                  "in a runtime without a global lock the collector is not followed: its runs are "
                  "not recorded, and what it frees counts as freed by reference count");
        return;
    }
    if (!all->runs) {
        page_wrap(page, "  ", "the collector did not run");
        return;
    }
    if (!all->timed) {
        snprintf(text, sizeof text, "%s runs; how long they took is not known",
                 human_count(all->runs).text);
    } else {
        size_t used = (size_t)snprintf(
            text, sizeof text, "%s run%s, at most %s in all (%.2f %% of %s), the longest %s",
            human_count(all->runs).text, all->runs == 1 ? "" : "s", human_duration(all->pause).text,
            text_percent(all->pause, c->run_time), human_duration(c->run_time).text,
            human_duration(all->longest).text);
        if (all->timed < all->runs && used < sizeof text)
            snprintf(
                text + used, sizeof text - used,
                "; how long %s other%s took is not known, as of those that the program asked for",
                human_count(all->runs - all->timed).text, all->runs - all->timed == 1 ? "" : "s");
    }
    page_wrap(page, "  ", text);
}

static void freed(const struct page *page, const struct report *report)
{
    const struct collector *c = &report->collector;
    char text[512];
    if (!c->objects && !c->plain_blocks)
        return;
    snprintf(text, sizeof text,
             "freed %s objects, %s, and %s blocks of plain memory, %s: %.1f %% of all objects that "
             "died; what went with the cycles is counted, too",
             page_count(page, c->objects).text, page_bytes(page, c->bytes).text,
             page_count(page, c->plain_blocks).text, page_bytes(page, c->plain_bytes).text,
             text_percent(c->objects, report->churn.deaths));
    page_wrap(page, "  ", text);
}

void text_collector(const struct page *page, const struct report *report)
{
    text_heading(page, "COLLECTOR");
    pauses(page, &report->collector);
    freed(page, report);
}

static void generations(const struct page *page, const struct report *report)
{
    const struct collector *c = &report->collector;
    const struct snapshot *s = report->snapshot;
    fprintf(page->out, "\n  %-10s %9s %9s %10s %10s %14s %10s\n", "generation", "threshold", "runs",
            "time", "longest", "collected", "freed");
    for (uint32_t i = 0; i < c->generation_count; i++) {
        const struct generation *g = &c->generations[i];
        bool known = s && i < s->gc.generations;
        fprintf(page->out, "  %-10" PRIu32 " %9s %9s %10s %10s %14s %10s\n", i,
                known ? human_count(s->gc.threshold[i]).text : "?", human_count(g->runs).text,
                g->timed ? human_duration(g->pause).text : "?",
                g->timed ? human_duration(g->longest).text : "?", human_count(g->objects).text,
                page_bytes(page, g->bytes).text);
    }
}

static void types(const struct page *page, const struct collector *c, uint32_t top)
{
    text_heading(page, "FREED BY THE COLLECTOR, BY TYPE");
    fprintf(page->out, "  %14s %12s  type\n", "objects", "bytes");
    for (uint32_t i = 0; i < c->type_count && i < top; i++) {
        fprintf(page->out, "  %14s %12s  ", page_count(page, c->types[i].objects).text,
                page_bytes(page, c->types[i].bytes).text);
        page_name(page, c->types[i].type ? c->types[i].type : "? (not known)", PAGE_WIDTH - 32);
        fputc('\n', page->out);
    }
    text_more(page, c->type_count, top, "types");
}

static int share_compare(const void *left, const void *right)
{
    const struct site_share *a = left, *b = right;
    if (a->objects != b->objects)
        return a->objects < b->objects ? 1 : -1;
    return (a->site > b->site) - (a->site < b->site);
}

/* The places of a line by what the collector freed of them. Returns -1 without memory. */
static int places(const struct page *page, const struct churn *churn, const struct churn_line *line)
{
    const struct line *of = &churn->lines.items[line->line];
    uint32_t count = 0;
    struct site_share *shares = malloc(((size_t)of->count + 1) * sizeof *shares);
    if (!shares)
        return -1;
    for (uint32_t m = 0; m < of->count; m++) {
        const struct churn_site *s = &churn->sites[churn->lines.members[of->first + m]];
        double share = (double)s->deaths[1] / (double)line->total.deaths[1];
        if (s->deaths[1])
            shares[count++] = (struct site_share){s->site, s->deaths[1], s->collected_bytes, share};
    }
    qsort(shares, count, sizeof *shares, share_compare);
    page_sites(page, LABEL("made:   "), shares, count, TEXT_PLACES);
    free(shares);
    return 0;
}

static int lines(const struct page *page, const struct report *report, uint32_t top)
{
    const struct collector *c = &report->collector;
    text_heading(page, "THESE LINES MAKE THE COLLECTOR WORK");
    for (uint32_t i = 0; i < c->line_count && i < top; i++) {
        const struct churn_line *line = &report->churn.by_line[c->lines[i]];
        const struct churn_site *s = &line->total;
        bool import = report->churn.lines.items[line->line].kind == LINE_IMPORT;
        char text[512], label[24];
        snprintf(label, sizeof label, "\n#%-3" PRIu32, i + 1);
        snprintf(text, sizeof text,
                 "%s %s, %s: %.1f %% of what the collector freed, %.1f %% of "
                 "those made here",
                 page_count(page, s->deaths[1]).text,
                 import    ? "objects of the import machinery"
                 : s->type ? s->type
                           : "objects of unknown type",
                 page_bytes(page, s->collected_bytes).text, text_percent(s->deaths[1], c->objects),
                 text_percent(s->deaths[1], s->allocations));
        page_wrap(page, label, text);
        if (!import && places(page, &report->churn, line) < 0)
            return -1;
    }
    text_more(page, c->line_count, top, "lines");
    return 0;
}

int report_gc_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                   bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    const struct collector *c = &report->collector;
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    text_head(&page, "OURO GC", path);
    text_notices(&page, report);
    if (report->snapshot)
        page_wrap(&page, "  ",
                  report->snapshot->gc.enabled ? "the collector was on at the end"
                                               : "the collector was off at the end");
    pauses(&page, c);
    freed(&page, report);
    if (c->generation_count)
        generations(&page, report);
    if (c->type_count)
        types(&page, c, top);
    if (c->line_count && lines(&page, report, top) < 0)
        return -1;
    text_shapes(&page, report, top);
    return 0;
}
