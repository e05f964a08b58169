/* SPDX-License-Identifier: MIT */
/* Leaked cycles and leaked references for people. */
#include <inttypes.h>
#include <stdio.h>

#include "report/text_cycles.h"
#include "text/human.h"

#define TYPES 4u

/* Pending kinds of cycles that get a line in the report. */
#define PENDING_LINES 3u

void text_cycle_types(const struct page *page, const char *label, const struct type_total *types,
                      uint32_t count, uint32_t most)
{
    char text[4096];
    size_t used = 0;
    for (uint32_t i = 0; i < count && i < most && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s %s", i ? ", " : "",
                                 human_count(types[i].count).text, types[i].type,
                                 human_bytes(types[i].bytes).text);
    if (count > most && used < sizeof text)
        snprintf(text + used, sizeof text - used, ", and %s more types",
                 human_count(count - most).text);
    if (used)
        page_wrap(page, label, text);
}

void text_cycle_cut(const struct page *page, const struct cycle_group *group)
{
    const struct cycle_break *fix = &group->fix;
    char text[2048];
    if (!fix->reason)
        return;
    size_t used = (size_t)snprintf(text, sizeof text, "%s", fix->reason);
    if (fix->cuts > CUTS_MAX) {
        snprintf(text + used, sizeof text - used,
                 "; more than %u kinds of references must go before no cycle is left", CUTS_MAX);
    } else if (fix->other_count) {
        used += (size_t)snprintf(text + used, sizeof text - used, "; %s must go, too:",
                                 fix->other_count == 1 ? "another kind of reference"
                                                       : "other kinds of references");
        for (uint32_t i = 0; i < fix->other_count && used < sizeof text; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s %s%s%s", i ? "," : "",
                                     fix->others[i].type, *fix->others[i].edge ? " " : "",
                                     fix->others[i].edge);
    }
    page_wrap(page, LABEL("cut:    "), text);
}

void text_cycle_pattern(const struct page *page, const char *pattern)
{
    char text[128];
    if (!pattern)
        return;
    snprintf(text, sizeof text, "`ouro explain %s`", pattern);
    page_wrap(page, LABEL("more:   "), text);
}

void text_cycle_group(const struct page *page, const struct cycle_group *group, const char *label)
{
    char text[512], native[TEXT_NATIVE];
    snprintf(text, sizeof text, "%s %s %s cycle%s, %s objects, %s%s%s", group->signature,
             verdict_name(group->verdict), human_count(group->count).text,
             group->count == 1 ? "" : "s", human_count(group->objects).text,
             human_bytes(group->bytes).text, text_native_part(group->native, group->bytes, native),
             group->novelty == NOVELTY_NEW ? ", NEW since the baseline" : "");
    page_wrap(page, label, text);
    page_path(page, group, 4);
    page_wrap(page, LABEL("why:    "), group->reason);
    text_cycle_cut(page, group);
    if (group->fix.hint)
        page_wrap(page, LABEL("hint:   "), group->fix.hint);
    text_cycle_pattern(page, group->fix.pattern);
}

static void cycle_group(const struct page *page, const struct cycle_group *group, uint32_t rank)
{
    char text[512], label[24];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    text_cycle_group(page, group, label);
    page_sites(page, LABEL("made:   "), group->sites, group->site_count, TEXT_PLACES);
    text_cycle_types(page, LABEL("below:  "), group->holds, group->hold_count, TYPES);
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

/* What the collector will free in its course, a line each. */
static void pending_lines(const struct page *page, const struct report *report, uint32_t most)
{
    const struct cycles *c = &report->cycles;
    char text[512], path[512];
    if (!c->pending_groups)
        return;
    snprintf(
        text, sizeof text,
        "%s cycle%s of %s kind%s, %s, only wait%s for the collector, which is on and will free "
        "%s:",
        human_count(c->pending_count).text, c->pending_count == 1 ? "" : "s",
        human_count(c->pending_groups).text, c->pending_groups == 1 ? "" : "s",
        human_bytes(c->pending_bytes).text, c->pending_count == 1 ? "s" : "",
        c->pending_count == 1 ? "it" : "them");
    page_wrap(page, "\n  ", text);
    uint32_t first = c->group_count - c->pending_groups;
    for (uint32_t i = 0; i < c->pending_groups && i < most; i++) {
        const struct cycle_group *g = &c->groups[first + i];
        page_path_line(page, g, PAGE_WIDTH - 15, path, sizeof path);
        fprintf(page->out, "  %11s  %s\n", human_bytes(g->bytes).text, path);
    }
    if (c->pending_groups > most)
        fprintf(page->out, "  and %s more kinds (ouro cycles --pending)\n",
                human_count(c->pending_groups - most).text);
}

static void held_group(const struct page *page, const struct held_group *g, uint32_t rank)
{
    char text[512], label[24];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    snprintf(text, sizeof text, "%s %s object%s with %s unknown reference%s, %s kept alive",
             human_count(g->count).text, g->type, g->count == 1 ? "" : "s",
             human_count(g->references).text, g->references == 1 ? "" : "s",
             human_bytes(g->bytes).text);
    page_wrap(page, label, text);
    page_wrap(page, LABEL("why:    "), g->reason);
    if (g->reachable) {
        snprintf(text, sizeof text, "%s of them are also kept by something known",
                 human_count(g->reachable).text);
        page_wrap(page, LABEL("but:    "), text);
    }
    page_wrap(page, LABEL("hint:   "), g->hint);
    text_cycle_pattern(page, HELD_PATTERN);
    const struct site_share share = {.site = g->site, .share = 1};
    page_sites(page, LABEL("made:   "), &share, 1, 1);
}

void text_held(const struct page *page, const struct report *report, uint32_t top)
{
    const struct held *h = &report->cycles.held;
    char text[512];
    if (!h->group_count)
        return;
    text_heading(page, "LEAKED REFERENCES");
    snprintf(text, sizeof text,
             "%s objects, %s, are alive only because of references that nothing known owns",
             human_count(h->objects).text, human_bytes(h->bytes).text);
    page_wrap(page, "  ", text);
    for (uint32_t i = 0; i < h->group_count && i < top; i++)
        held_group(page, &h->groups[i], i + 1);
    text_more(page, h->group_count, top, "kinds of objects");
}

void text_cycles_list(const struct page *page, const struct report *report, uint32_t top,
                      uint32_t pending_lines_most)
{
    const struct cycles *c = &report->cycles;
    uint32_t first = c->group_count - c->pending_groups;
    for (uint32_t i = 0; i < first && i < top; i++)
        cycle_group(page, &c->groups[i], i + 1);
    text_more(page, first, top, "kinds of cycles");
    pending_lines(page, report, pending_lines_most);
}

void text_cycles_totals(const struct page *page, const struct report *report)
{
    const struct cycles *c = &report->cycles;
    char text[512];
    if (!c->count) {
        page_wrap(page, "  ", "none: every object is reachable from something alive");
        return;
    }
    char native[TEXT_NATIVE];
    snprintf(text, sizeof text,
             "%s unreachable objects and what hangs below them, %s (%.1f %% of the heap)%s, in %s "
             "cycle%s of %s kind%s",
             human_count(c->objects).text, human_bytes(c->bytes).text,
             text_percent(c->bytes, report->heap.bytes),
             text_native_part(c->native, c->bytes, native), human_count(c->count).text,
             c->count == 1 ? "" : "s", human_count(c->kinds).text, c->kinds == 1 ? "" : "s");
    page_wrap(page, "  ", text);
    if (c->shared_bytes || c->loose_bytes) {
        snprintf(text, sizeof text,
                 "of these bytes, %s hang below cycles of several kinds%s%s and are in no figure "
                 "below",
                 human_bytes(c->shared_bytes).text, c->loose_bytes ? ", or were dying: " : "",
                 c->loose_bytes ? human_bytes(c->loose_bytes).text : "");
        page_wrap(page, "  ", text);
    }
}

void text_cycles(const struct page *page, const struct report *report, uint32_t top)
{
    text_heading(page, "LEAKED CYCLES");
    text_cycles_totals(page, report);
    text_cycles_list(page, report, top, PENDING_LINES);
    text_held(page, report, top);
}
