/* SPDX-License-Identifier: MIT */
#include "report/text_section.h"

#include <inttypes.h>
#include <string.h>

#include "trace/trace_names.h"

double text_percent(uint64_t part, uint64_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

void text_heading(const struct page *page, const char *text)
{
    fprintf(page->out, "\n%s\n", text);
}

void text_more(const struct page *page, uint64_t count, uint32_t top, const char *what)
{
    if (count > top)
        fprintf(page->out, "\n  and %s more %s (--top N shows more)\n",
                human_count(count - top).text, what);
}

void text_arguments(const struct page *page, const struct process *p, int columns, char *text,
                    size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s", p->argument_count ? "" : p->executable);
    for (uint32_t i = 0; i < p->argument_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", p->arguments[i]);
    page_cut(page, text, size, columns);
}

void text_head(const struct page *page, const char *title, const char *path)
{
    const struct process *p = page->process;
    char status[64] = "no orderly end", text[2048];
    fprintf(page->out, "%s   %s\n", title, path);
    if (p->ended && p->exit_status_known)
        snprintf(status, sizeof status, "exit status %d", p->exit_status);
    else if (p->ended)
        snprintf(status, sizeof status, "ended (%s)", end_reason_name(p->end_reason));
    text_arguments(page, p, 3 * PAGE_WIDTH, text, sizeof text);
    page_wrap(page, "  ", text);
    snprintf(text, sizeof text, "%s %s %s process %" PRIu64 " %s %s, allocation sites %s",
             p->runtime, p->runtime_version, page->dot, p->pid, page->dot, status,
             report_stacks(p));
    page_wrap(page, "  ", text);
}

void text_notices(const struct page *page, const struct report *report)
{
    for (uint32_t i = 0; i < report->notice_count; i++)
        page_wrap(page, report->notices[i][0] == ' ' ? "      " : "NOTE  ",
                  report->notices[i] + strspn(report->notices[i], " "));
}

void text_type(const struct page *page, const char *type, int room)
{
    char text[256];
    snprintf(text, sizeof text, "%s", type ? type : "?");
    page_cut(page, text, sizeof text, room);
    fprintf(page->out, "%s%*s", text, room - page_columns(text), "");
}

const char *text_native_part(uint64_t native, uint64_t bytes, char text[TEXT_NATIVE])
{
    *text = '\0';
    if (text_percent(native, bytes) >= 1)
        snprintf(text, TEXT_NATIVE, " (%s of it native memory)", human_bytes(native).text);
    return text;
}

void text_snapshot(const struct page *page, const struct report *report)
{
    const struct snapshot *s = report->snapshot;
    const struct garbage *g = &report->garbage;
    const struct gc_state *gc = &s->gc;
    char text[1024], native[TEXT_NATIVE];
    snprintf(text, sizeof text, "snapshot %" PRIu32 " (%s, +%s): %s objects, %s%s, %s references",
             s->number, snapshot_reason_name(s->reason), human_duration(s->time).text,
             human_count(report->heap.objects).text, human_bytes(report->heap.bytes).text,
             text_native_part(report->heap.native, report->heap.bytes, native),
             human_count(report->heap.edges).text);
    page_wrap(page, "  ", text);
    snprintf(text, sizeof text,
             "checked: %s references between the %s objects the collector tracks, %s negative, "
             "%s objects held from outside",
             human_count(g->references).text, human_count(g->tracked).text,
             human_count(g->negative_count).text, human_count(g->external).text);
    page_wrap(page, "  ", text);
    size_t known =
        (size_t)snprintf(text, sizeof text, "holders are known for %.2f %% of all bytes; ",
                         100 * report->heap.coverage);
    if (g->unexplained_references)
        snprintf(text + known, sizeof text - known, "of %s objects %s references are not explained",
                 human_count(g->unexplained_objects).text,
                 human_count(g->unexplained_references).text);
    else
        snprintf(text + known, sizeof text - known, "every reference is explained");
    page_wrap(page, "  ", text);
    size_t used = (size_t)snprintf(text, sizeof text, "collector: %s%s", gc->enabled ? "on" : "off",
                                   gc->generations ? ", thresholds" : "");
    for (uint32_t i = 0; i < gc->generations && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %" PRIu64, gc->threshold[i]);
    if (gc->generations)
        used += (size_t)snprintf(text + used, sizeof text - used, ", counts");
    for (uint32_t i = 0; i < gc->generations && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %" PRIu64, gc->count[i]);
    snprintf(text + used, sizeof text - used, ", %s frozen", human_count(gc->frozen).text);
    page_wrap(page, "  ", text);
}
