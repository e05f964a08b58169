/* SPDX-License-Identifier: MIT */
/* The live heap over time, and what it was made of at its peak. */
#include <string.h>

#include "report/text_section.h"

#define SPARKS 64

/* The largest of the points within each of SPARKS equal spans of time; a span without a point has the
 * one before. */
static uint64_t spread(const struct process *p, const struct timeline *t, uint64_t heights[SPARKS])
{
    uint64_t last = p->epochs[t->count - 1].time, most = 0, before = 0;
    uint32_t point = 0;
    for (uint32_t i = 0; i < SPARKS; i++) {
        uint64_t end = last / SPARKS * (i + 1) + last % SPARKS * (i + 1) / SPARKS;
        uint64_t height = point < t->count && p->epochs[point].time <= end ? 0 : before;
        for (; point < t->count && p->epochs[point].time <= end; point++) {
            before = t->points[point].bytes;
            if (before > height)
                height = before;
        }
        heights[i] = height;
        if (height > most)
            most = height;
    }
    return most;
}

static void sparkline(const struct page *page, const struct timeline *t)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const letters[] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
    const char *const *levels = strcmp(page->ellipsis, "...") == 0 ? letters : blocks;
    uint64_t heights[SPARKS], most = spread(page->process, t, heights);
    fputs("  ", page->out);
    for (uint32_t i = 0; i < SPARKS; i++) {
        double part = most ? (double)heights[i] / (double)most : 0;
        /* Every height above 0 is seen, and only the full one fills the line. */
        unsigned level = heights[i] ? 1 + (unsigned)(part * 7) : 0;
        fputs(levels[level], page->out);
    }
    fprintf(page->out, " %s\n", page_bytes(page, most).text);
    fprintf(page->out, "  0%*s\n", SPARKS - 1,
            human_duration(page->process->epochs[t->count - 1].time).text);
}

void text_timeline(const struct page *page, const struct report *report, uint32_t top)
{
    const struct timeline *t = &report->timeline;
    const struct process *p = page->process;
    char text[512];
    if (t->peak == NO_ID)
        return;
    const struct live *peak = &t->points[t->peak], *end = &t->points[t->count - 1];
    text_heading(page, "LIVE MEMORY OVER TIME");
    if (t->count > 1)
        sparkline(page, t);
    snprintf(text, sizeof text, "highest %s after %s: %s blocks alive, %s; at the end %s%s%s%s",
             page->dot, human_duration(p->epochs[t->peak].time).text,
             page_count(page, peak->blocks).text, page_bytes(page, peak->bytes).text,
             page_bytes(page, end->bytes).text, t->resting.bytes ? ". Of the peak, " : "",
             t->resting.bytes ? page_bytes(page, t->resting.bytes).text : "",
             t->resting.bytes ? " in free lists of the runtime" : "");
    page_wrap(page, "  ", text);
    fprintf(page->out, "  %11s %7s %11s  %-16s place\n", "bytes", "share", "blocks", "type");
    for (uint32_t i = 0; i < t->lines.count && i < top; i++) {
        const struct live_site *s = &t->by_line[i].total;
        char place[PAGE_PLACE_SIZE] = "(importing modules)";
        bool import = t->lines.items[t->by_line[i].line].kind == LINE_IMPORT;
        int used =
            fprintf(page->out, "  %11s %5.1f %% %11s  ", page_bytes(page, s->live.bytes).text,
                    text_percent(s->live.bytes, t->accounted.bytes + t->resting.bytes),
                    page_count(page, s->live.blocks).text);
        if (!import)
            page_place(page, s->site, PAGE_WIDTH - used - 17, place);
        text_type(page, import ? "(all)" : s->type, 16);
        fprintf(page->out, " %s\n", place);
    }
    text_more(page, t->lines.count, top, "lines");
}
