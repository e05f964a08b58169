/* SPDX-License-Identifier: MIT */
/* `ouro cycles`: the list, or one group in full. */
#include <inttypes.h>
#include <stdio.h>

#include "report/text_cycles.h"

/* All frames of a place, innermost first. */
static void stack_show(const struct page *page, uint32_t site)
{
    char place[PAGE_PLACE_SIZE];
    for (; site; site = page->process->sites[site].parent) {
        page_place(page, site, PAGE_WIDTH - 8, place);
        fprintf(page->out, "        %s\n", place);
    }
}

static void steps_show(const struct page *page, const struct cycle_group *g)
{
    for (uint32_t i = 0; i < g->path_count; i++) {
        char text[1024];
        snprintf(text, sizeof text, "%s%s%s", g->path[i].type, *g->path[i].edge ? " " : "",
                 g->path[i].edge);
        page_wrap(page, i == g->fix.at ? "  cut " : "      ", text);
    }
    if (g->path_periodic)
        fprintf(page->out, "      and so on, %s steps\n", human_count(g->path_length).text);
    else if (g->path_count < g->path_length)
        fprintf(page->out, "      and %s more steps\n",
                human_count(g->path_length - g->path_count).text);
}

static void group_full(const struct page *page, const struct report *report,
                       const struct cycle_group *g)
{
    const struct snapshot *s = report->snapshot;
    char text[512];
    fputc('\n', page->out);
    text_cycle_group(page, g, "  ");
    snprintf(text, sizeof text, "%s%s", g->pending ? "yes" : "no",
             g->pending ? ": the collector is on and will free it in its course" : "");
    page_wrap(page, "    waits:  ", text);
    page_wrap(page, "    each:   ", human_bytes(g->bytes / g->count).text);
    if (g->age_known) {
        snprintf(text, sizeof text, "the oldest about %s old",
                 human_duration((uint64_t)(g->age * 1e9)).text);
        page_wrap(page, "    age:    ", text);
    }
    fputs("\n    path\n", page->out);
    steps_show(page, g);
    text_cycle_types(page, "\n    members:  ", g->members, g->member_count, UINT32_MAX);
    text_cycle_types(page, "    below:    ", g->holds, g->hold_count, UINT32_MAX);
    for (uint32_t i = 0; i < g->site_count; i++) {
        fprintf(page->out, "\n    made (%.0f %%, %s object%s, %s)\n", 100 * g->sites[i].share,
                human_count(g->sites[i].objects).text, g->sites[i].objects == 1 ? "" : "s",
                human_bytes(g->sites[i].bytes).text);
        if (g->sites[i].site)
            stack_show(page, g->sites[i].site);
        else
            fputs("        (no Python line)\n", page->out);
    }
    fputs("\n    examples (`ouro refs RUN ADDRESS` shows what refers to them)\n", page->out);
    for (uint32_t i = 0; i < g->example_count; i++) {
        uint32_t o = g->example[i];
        snprintf(text, sizeof text, "0x%" PRIx64 "  #%" PRIu32 " %s", s->address[o], o,
                 s->types[s->type[o]].name);
        page_wrap(page, "      ", text);
    }
}

void report_cycles_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                        bool full, bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    const struct cycles *c = &report->cycles;
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    text_head(&page, "OURO CYCLES", path);
    if (report->snapshot)
        text_snapshot(&page, report);
    text_notices(&page, report);
    if (!report->snapshot) {
        page_wrap(&page, "  ", "there is no snapshot");
        return;
    }
    if (full) {
        for (uint32_t i = 0; i < c->group_count; i++)
            group_full(&page, report, &c->groups[i]);
        return;
    }
    fputc('\n', out);
    text_cycles_totals(&page, report);
    text_cycles_list(&page, report, top, top);
    text_held(&page, report, top);
    text_shapes(&page, report, top);
}
