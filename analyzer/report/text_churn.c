/* SPDX-License-Identifier: MIT */
/* Allocations, and what of them is thrown away at once. */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis/churn_advice.h"
#include "report/text_section.h"

static const char import_machinery[] = "(importing modules)";

/* What to call the place of a line. */
static void place(const struct page *page, const struct report *report,
                  const struct churn_line *line, int room, char text[PAGE_PLACE_SIZE])
{
    if (report->churn.lines.items[line->line].kind == LINE_IMPORT)
        snprintf(text, PAGE_PLACE_SIZE, "%s", import_machinery);
    else
        page_place(page, line->total.site, room, text);
}

/* What to call the type of a line. */
static const char *place_type(const struct churn *churn, const struct churn_line *line)
{
    bool import = churn->lines.items[line->line].kind == LINE_IMPORT;
    return import ? "(all)" : line->total.type;
}

void text_allocations(const struct page *page, const struct report *report, uint32_t top)
{
    const struct churn *c = &report->churn;
    char text[512];
    text_heading(page, "ALLOCATIONS");
    snprintf(text, sizeof text,
             "%s objects, %s since the start%s; %.1f %% died within %s of allocation",
             page_count(page, c->allocations).text, page_bytes(page, c->bytes).text,
             page->process->sample ? ", estimated from a sample" : "",
             text_percent(c->short_lived, c->allocations), human_power(c->within).text);
    page_wrap(page, "  ", text);
    if (c->by_line_count)
        fprintf(page->out, "  %11s %10s %11s  %-12s place\n", "objects", "bytes", "left", "type");
    for (uint32_t i = 0; i < c->by_line_count && i < top; i++) {
        const struct churn_site *s = &c->by_line[i].total;
        int used = fprintf(page->out, "  %11s %10s %11s  ", page_count(page, s->allocations).text,
                           page_bytes(page, s->bytes).text,
                           page_count(page, s->alive + s->deaths[2]).text);
        place(page, report, &c->by_line[i], PAGE_WIDTH - used - 13, text);
        text_type(page, place_type(c, &c->by_line[i]), 12);
        fprintf(page->out, " %s\n", text);
    }
    text_more(page, c->by_line_count, top, "lines");
}

/* How soon the objects of a line died. */
static void soon(const struct page *page, const struct churn *c, const struct churn_site *s)
{
    char text[256];
    uint64_t half = lifetimes_percentile(&s->lifetimes, 50);
    uint64_t most = lifetimes_percentile(&s->lifetimes, 99);
    uint64_t deaths = s->deaths[0] + s->deaths[1] + s->deaths[2];
    if (!half)
        snprintf(text, sizeof text, "not known: blocks of at most 16 bytes");
    else
        snprintf(text, sizeof text,
                 "%.1f %% within %s of allocation; half within %s, 99 %% within %s",
                 text_percent(s->short_lived, deaths), human_power(c->within).text,
                 human_power(half).text, human_power(most).text);
    page_wrap(page, LABEL("die:    "), text);
}

static void causes(const struct page *page, const struct churn_site *s)
{
    char text[256];
    snprintf(text, sizeof text,
             "%s by reference count, %s by the collector, %s at shutdown; %s alive",
             page_count(page, s->deaths[0]).text, page_count(page, s->deaths[1]).text,
             page_count(page, s->deaths[2]).text, page_count(page, s->alive).text);
    page_wrap(page, LABEL("deaths: "), text);
}

static int share_compare(const void *left, const void *right)
{
    const struct site_share *a = left, *b = right;
    if (a->objects != b->objects)
        return a->objects < b->objects ? 1 : -1;
    return (a->site > b->site) - (a->site < b->site);
}

/* Who calls the line, by short-lived objects. Returns -1 without memory. */
static int callers(const struct page *page, const struct churn *c, const struct churn_line *line)
{
    const struct line *of = &c->lines.items[line->line];
    uint32_t count = 0;
    struct site_share *shares = malloc(((size_t)of->count + 1) * sizeof *shares);
    if (!shares)
        return -1;
    for (uint32_t m = 0; m < of->count; m++) {
        const struct churn_site *s = &c->sites[c->lines.members[of->first + m]];
        if (!s->short_lived)
            continue;
        double share = (double)s->short_lived / (double)line->total.short_lived;
        shares[count++] = (struct site_share){s->site, s->short_lived, s->bytes, share};
    }
    qsort(shares, count, sizeof *shares, share_compare);
    page_sites(page, LABEL("made:   "), shares, count, TEXT_PLACES);
    free(shares);
    return 0;
}

static int line_entry(const struct page *page, const struct report *report,
                      const struct churn_line *line, uint32_t rank)
{
    const struct churn *c = &report->churn;
    const struct churn_site *s = &line->total;
    enum line_kind kind = c->lines.items[line->line].kind;
    const char *advice = churn_advice(s, kind);
    char text[512 + PAGE_PLACE_SIZE], label[24], where[PAGE_PLACE_SIZE];
    place(page, report, line, PAGE_WIDTH, where);
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    snprintf(text, sizeof text, "%s short-lived %s of %s, %s%s%s",
             page_count(page, s->short_lived).text,
             kind == LINE_IMPORT ? "objects"
             : s->type           ? s->type
                                 : "objects of unknown type",
             page_count(page, s->allocations).text, page_bytes(page, s->bytes).text,
             kind == LINE_IMPORT ? " " : "", kind == LINE_IMPORT ? import_machinery : "");
    page_wrap(page, label, text);
    soon(page, c, s);
    causes(page, s);
    if (advice)
        page_wrap(page, LABEL("do:     "), advice);
    return kind == LINE_IMPORT ? 0 : callers(page, c, line);
}

int report_churn_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                      bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    const struct churn *c = &report->churn;
    char text[512];
    uint32_t count = 0;
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    text_head(&page, "OURO CHURN", path);
    text_notices(&page, report);
    snprintf(text, sizeof text,
             "%s objects, %s%s: %.1f %% of them died within %s of allocation (%s). The type is not "
             "known of %.1f %% of the dead. Besides, %s blocks of plain memory, %s",
             page_count(&page, c->allocations).text, page_bytes(&page, c->bytes).text,
             page.process->sample ? ", estimated from a sample" : "",
             text_percent(c->short_lived, c->allocations), human_power(c->within).text,
             page_bytes(&page, c->short_bytes).text, text_percent(c->untyped, c->deaths),
             page_count(&page, c->plain_allocations).text, page_bytes(&page, c->plain_bytes).text);
    page_wrap(&page, "  ", text);
    while (count < c->by_line_count && c->by_line[count].total.short_lived)
        count++;
    text_heading(&page, "SHORT-LIVED OBJECTS");
    if (!count)
        page_wrap(&page, "  ", "none");
    for (uint32_t i = 0; i < count && i < top; i++) {
        if (line_entry(&page, report, &c->by_line[i], i + 1) < 0)
            return -1;
    }
    text_more(&page, count, top, "lines");
    return 0;
}
