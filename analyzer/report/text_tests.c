/* SPDX-License-Identifier: MIT */
/* What each test left: a section of the report, and `ouro tests`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_section.h"
#include "text/human.h"
#include "text/utf8.h"

/* Lines below a test that say what it left. */
#define REMAINS_SHOWN 3u
/* Characters of the path to what it left. */
#define HOLDER_SHOWN 64u

struct ranked {
    const struct unit *unit;
};

static int worst_first(const void *left, const void *right)
{
    const struct unit *a = ((const struct ranked *)left)->unit;
    const struct unit *b = ((const struct ranked *)right)->unit;
    if (a->verdict != b->verdict)
        return a->verdict < b->verdict ? 1 : -1;
    uint64_t of_a = a->leaked_bytes + a->cycle_bytes, of_b = b->leaked_bytes + b->cycle_bytes;
    if (of_a != of_b)
        return of_a < of_b ? 1 : -1;
    if (a->collected != b->collected)
        return a->collected < b->collected ? 1 : -1;
    return (a > b) - (a < b);
}

static void count_add(char *text, size_t size, uint32_t count, const char *one, const char *many)
{
    size_t used = strlen(text);
    if (count)
        snprintf(text + used, size - used, "%s%s %s", used ? ", " : "", human_count(count).text,
                 count == 1 ? one : many);
}

static void totals(const struct page *page, const struct units *units)
{
    char verdicts[256] = "", text[512];
    const uint32_t *of = units->of_verdict;
    count_add(verdicts, sizeof verdicts, of[UNIT_LEAKS], "leaks", "leak");
    count_add(verdicts, sizeof verdicts, of[UNIT_CYCLES], "left cycles", "left cycles");
    count_add(verdicts, sizeof verdicts, of[UNIT_KEPT], "kept something", "kept something");
    count_add(verdicts, sizeof verdicts, of[UNIT_WARM_UP], "warmed a cache", "warmed caches");
    count_add(verdicts, sizeof verdicts, of[UNIT_CLEAN], "left nothing", "left nothing");
    snprintf(text, sizeof text, "%s test%s%s%s: %s", human_count(units->count).text,
             units->count == 1 ? "" : "s", units->marks ? " in " : " of unittest",
             units->marks ? human_duration(units->duration).text : "", verdicts);
    page_wrap(page, "  ", text);
}

/* A path of which the beginning and the end tell most. */
static void holder_cut(const struct page *page, const char *holder, char *text, size_t size)
{
    size_t length = strlen(holder);
    if (length <= HOLDER_SHOWN) {
        snprintf(text, size, "%s", holder);
        return;
    }
    size_t head = utf8_whole(holder, HOLDER_SHOWN / 2), tail = length - HOLDER_SHOWN / 2;
    while (tail < length && ((unsigned char)holder[tail] & 0xc0) == 0x80)
        tail++;
    snprintf(text, size, "%.*s%s%s", (int)head, holder, page->ellipsis, holder + tail);
}

static void remains(const struct page *page, const struct unit *unit)
{
    char place[PAGE_PLACE_SIZE], text[2048];
    for (uint32_t i = 0; i < unit->remain_count && i < REMAINS_SHOWN; i++) {
        const struct unit_remains *r = &unit->remains[i];
        if (r->verdict == UNIT_WARM_UP && unit->verdict > UNIT_WARM_UP)
            break;
        char holder[128];
        page_place(page, r->site, 44, place);
        holder_cut(page, r->holder, holder, sizeof holder);
        snprintf(text, sizeof text, "%s %s%s%s, %s, made by %s", human_count(r->objects).text,
                 r->type,
                 r->verdict == UNIT_CYCLES ? " (dead)"
                 : *r->holder              ? " in "
                                           : "",
                 r->holder, human_bytes(r->bytes).text, place);
        page_wrap(page, "             ", text);
    }
    if (unit->collected) {
        snprintf(text, sizeof text, "%s object%s that only the collector could free",
                 human_count(unit->collected).text, unit->collected == 1 ? "" : "s");
        page_wrap(page, "             ", text);
    }
}

static void table(const struct page *page, const struct units *units, uint32_t top, bool all)
{
    struct ranked *sorted = malloc(((size_t)units->count + 1) * sizeof *sorted);
    uint32_t shown = 0, worth = 0;
    for (uint32_t u = 0; sorted && u < units->count; u++)
        sorted[u].unit = &units->items[u];
    if (!sorted)
        return;
    if (!all)
        qsort(sorted, units->count, sizeof *sorted, worst_first);
    fprintf(page->out, "\n  verdict    %9s %10s %9s %10s  test\n", "time", "allocated", "left",
            "bytes");
    for (uint32_t i = 0; i < units->count; i++) {
        const struct unit *u = sorted[i].unit;
        if (!all && u->verdict <= UNIT_WARM_UP)
            break;
        worth++;
        if (shown == top)
            continue;
        shown++;
        fprintf(page->out, "  %-9s  %9s %10s %9s %10s  ", unit_verdict_name(u->verdict),
                units->marks ? human_duration(u->duration).text : "-",
                units->marks ? human_bytes(u->allocated).text : "-",
                human_count(u->alive + u->cycle_objects).text,
                human_bytes(u->alive_bytes + u->cycle_bytes).text);
        if (page_columns(u->name) <= PAGE_WIDTH - 56) {
            fprintf(page->out, "%s\n", u->name);
        } else {
            fputc('\n', page->out);
            page_wrap(page, "             ", u->name);
        }
        if (u->verdict > UNIT_WARM_UP)
            remains(page, u);
    }
    if (!worth)
        fputs("  (none of them left anything that a later test does not use)\n", page->out);
    text_more(page, worth, top, "tests");
    free(sorted);
}

void text_tests(const struct page *page, const struct report *report, uint32_t top)
{
    if (!report->units.count)
        return;
    text_heading(page, "TESTS");
    totals(page, &report->units);
    table(page, &report->units, top, false);
}

void report_tests_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                       bool all, bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    text_head(&page, "OURO TESTS", path);
    text_notices(&page, report);
    fputc('\n', out);
    if (!report->units.count) {
        page_wrap(&page, "  ", "no tests: neither pytest nor unittest ran any in this process");
        return;
    }
    totals(&page, &report->units);
    table(&page, &report->units, top != REPORT_DEFAULT ? top : all ? REPORT_ALL : TEXT_TOP, all);
}
