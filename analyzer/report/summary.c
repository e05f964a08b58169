/* SPDX-License-Identifier: MIT */
#include "report/summary.h"
#include "growth/growth_name.h"

#include <inttypes.h>
#include <string.h>

#include "report/page.h"
#include "report/report.h"
#include "report/text_native_leaks.h"
#include "text/human.h"

#define TOP 3u
#define NOTICES 3u

/* The process to speak of: the first that has a snapshot. */
static const struct process *process_choose(const struct run *run)
{
    for (uint32_t i = 0; i < run->process_count; i++) {
        if (process_last_snapshot(&run->processes[i]))
            return &run->processes[i];
    }
    return &run->processes[0];
}

/* The place of a group's largest share that a programmer can change. */
static void place_show(const struct page *page, const struct site_share *sites, uint32_t count,
                       uint64_t copies)
{
    char place[PAGE_PLACE_SIZE];
    uint32_t site = count ? page_own_frame(page, sites[0].site) : 0;
    page_place(page, site, PAGE_WIDTH - 14, place);
    fprintf(page->out, "  %9sx  %s\n", human_count(copies).text, place);
}

static void held_lines(const struct page *page, const struct report *report)
{
    const struct held *h = &report->cycles.held;
    char text[512];
    for (uint32_t i = 0; i < h->group_count && i < TOP; i++) {
        const struct site_share share = {.site = h->groups[i].site, .share = 1};
        if (!i)
            fprintf(page->out, "  leaked references keep %s alive\n", human_bytes(h->bytes).text);
        snprintf(text, sizeof text, "%s", h->groups[i].type);
        page_cut(page, text, sizeof text, PAGE_WIDTH - 14);
        fprintf(page->out, "  %10s  %s\n", human_bytes(h->groups[i].bytes).text, text);
        place_show(page, &share, 1, h->groups[i].count);
    }
}

static void cycles_lines(const struct page *page, const struct report *report)
{
    const struct cycles *c = &report->cycles;
    uint32_t leaks = c->group_count - c->pending_groups;
    uint64_t count = 0, objects = 0, bytes = 0;
    char wait[64] = "";
    for (uint32_t i = 0; i < leaks; i++) {
        count += c->groups[i].count;
        objects += c->groups[i].objects;
        bytes += c->groups[i].bytes;
    }
    if (c->pending_count)
        snprintf(wait, sizeof wait, "%s%s wait%s for the collector", leaks ? "; " : " (",
                 human_count(c->pending_count).text, c->pending_count == 1 ? "s" : "");
    if (!leaks) {
        fprintf(page->out, "  leaked cycles: none%s%s\n", wait, *wait ? ")" : "");
        return;
    }
    fprintf(page->out, "  leaked cycles: %s of %s kind%s, %s objects, %s%s\n",
            human_count(count).text, human_count(leaks).text, leaks == 1 ? "" : "s",
            human_count(objects).text, human_bytes(bytes).text, wait);
    for (uint32_t i = 0; i < leaks && i < TOP; i++) {
        const struct cycle_group *g = &c->groups[i];
        char path[512];
        page_path_line(page, g, PAGE_WIDTH - 14, path, sizeof path);
        fprintf(page->out, "  %10s  %s\n", human_bytes(g->bytes).text, path);
        place_show(page, g->sites, g->site_count, g->count);
    }
}

static void interning_lines(const struct page *page, const struct report *report)
{
    const struct interning *n = &report->interning;
    uint32_t shown = 0;
    uint64_t worth = 0;
    for (uint32_t i = 0; i < n->group_count; i++)
        worth += n->groups[i].advice == ADVICE_NO ? 0 : n->groups[i].net_bytes;
    if (!worth) {
        fprintf(page->out, "  interning: nothing worth the trouble\n");
        return;
    }
    fprintf(page->out, "  interning would save %s\n", human_bytes(worth).text);
    for (uint32_t i = 0; i < n->group_count && shown < TOP; i++) {
        const struct interning_group *g = &n->groups[i];
        char text[512];
        if (g->advice == ADVICE_NO)
            continue;
        shown++;
        snprintf(text, sizeof text, "%s in %s (%s distinct)", g->type, g->holder,
                 human_count(g->distinct).text);
        page_cut(page, text, sizeof text, PAGE_WIDTH - 14);
        fprintf(page->out, "  %10s  %s\n", human_bytes(g->net_bytes).text, text);
        place_show(page, g->sites, g->site_count, g->copies);
    }
}

/* As many of the top types as fit. */
static void types_line(const struct page *page, const struct report *report)
{
    int column = fprintf(page->out, "  top types: ");
    for (uint32_t i = 0; i < report->heap.type_count; i++) {
        const struct heap_type *t = &report->heap.types[i];
        char text[256];
        snprintf(text, sizeof text, "%s%s %s (%s)", i ? ", " : "", human_count(t->count).text,
                 t->type, human_bytes(t->bytes).text);
        column += page_columns(text);
        if (i && column > PAGE_WIDTH)
            break;
        page_cut(page, text, sizeof text, PAGE_WIDTH - 13);
        fputs(text, page->out);
    }
    fputc('\n', page->out);
}

/* The highest point of the heap, and how much of it was gone at once. */
static void ledger_line(const struct page *page, const struct report *report)
{
    const struct timeline *t = &report->timeline;
    const struct churn *c = &report->churn;
    if (t->peak == NO_ID || !c->allocations)
        return;
    fprintf(page->out, "  memory: highest %s after %s; %.0f %% of %s objects died young\n",
            page_bytes(page, t->points[t->peak].bytes).text,
            human_duration(page->process->epochs[t->peak].time).text,
            100 * (double)c->short_lived / (double)c->allocations,
            page_count(page, c->allocations).text);
}

static void native_line(const struct page *page, const struct report *report)
{
    const char *about = page->process->native_sample > 1 ? "~" : "";
    if (page->process->native_sample)
        fprintf(page->out, "  native memory: %s%s alive in %s%s blocks (ouro native)\n", about,
                human_bytes(report->native.alive_bytes).text, about,
                human_count(report->native.alive).text);
}

/* What grew, and which tests leak: a line each, and the first suspect. */
static void growth_lines(const struct page *page, const struct report *report)
{
    const struct growth *g = &report->growth;
    const uint32_t *of = report->units.of_verdict;
    if (g->suspect_count) {
        const struct growth_suspect *s = &g->suspects[0];
        char text[512];
        snprintf(text, sizeof text, "%s%s%s", s->path.name ? s->path.name : "",
                 s->path.name ? growth_verb(s) : "more and more ",
                 s->type ? s->type : "objects of an unknown type");
        int used = fprintf(page->out, "  grows: %s/s %s ",
                           human_bytes((uint64_t)(s->bytes_rate + 0.5)).text, page->dot);
        page_cut(page, text, sizeof text, PAGE_WIDTH - used - 10);
        fprintf(page->out, "%s%s\n", text, g->suspect_count > 1 ? ", and more" : "");
        uint64_t last = (uint64_t)(s->count[g->series.span.points - 1] + 0.5);
        if (s->site_count)
            place_show(page, s->sites, s->site_count, last);
    }
    if (report->native_growth.suspect_count) {
        const struct native_suspect *s = &report->native_growth.suspects[0];
        const char *about = native_is_estimate(page->process, s->kind) ? "~" : "";
        char text[512];
        int used = fprintf(page->out, "  grows: %s%s/s %s ", about,
                           human_bytes((uint64_t)(s->bytes_rate + 0.5)).text, page->dot);
        snprintf(text, sizeof text, "native memory of %s", s->asker);
        page_cut(page, text, sizeof text, PAGE_WIDTH - used - 10);
        fprintf(page->out, "%s%s\n", text,
                report->native_growth.suspect_count > 1 ? ", and more" : "");
    }
    if (report->units.count)
        fprintf(page->out, "  tests: %s, of which %s leak and %s left cycles\n",
                human_count(report->units.count).text, human_count(of[UNIT_LEAKS]).text,
                human_count(of[UNIT_CYCLES]).text);
}

/* Whether a shell takes a word as it stands. */
static bool is_plain(const char *word)
{
    return *word && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_-+.,/:=@%")] == '\0';
}

int summary_print(FILE *out, const struct run *run, const char *run_path)
{
    struct report report;
    if (run->process_count == 0)
        return 0;
    const struct process *process = process_choose(run);
    struct page page = page_make(out, process, page_locale_is_utf8());
    int status = report_build(run, process, &report);
    if (status < 0)
        goto out;

    fprintf(out, "ouro: %s %s, process %" PRIu64, process->runtime, process->runtime_version,
            process->pid);
    if (report.snapshot)
        fprintf(out, ": %s objects, %s alive\n", human_count(report.heap.objects).text,
                human_bytes(report.heap.bytes).text);
    else
        fprintf(out, "\n");
    for (uint32_t i = 0; i < report.notice_count && i < NOTICES; i++) {
        char text[PAGE_PLACE_SIZE];
        snprintf(text, sizeof text, "%s", report.notices[i]);
        page_cut(&page, text, sizeof text, PAGE_WIDTH - 8);
        fprintf(out, "  NOTE  %s\n", text);
    }
    if (report.notice_count > NOTICES)
        fprintf(out, "  NOTE  and %s more notes in the report\n",
                human_count(report.notice_count - NOTICES).text);
    if (report.snapshot) {
        cycles_lines(&page, &report);
        held_lines(&page, &report);
        interning_lines(&page, &report);
        types_line(&page, &report);
    }
    growth_lines(&page, &report);
    ledger_line(&page, &report);
    native_line(&page, &report);
    text_native_leaked_line(&page, &report);
    const char *quote = is_plain(run_path) ? "" : "'";
    if (run->process_count > 1)
        fprintf(out, "  %s more process%s recorded: ouro processes %s%s%s\n",
                human_count(run->process_count - 1).text, run->process_count == 2 ? "" : "es",
                quote, run_path, quote);
    fprintf(out, "  more: ouro report %s%s%s\n", quote, run_path, quote);
out:
    report_free(&report);
    return status;
}
