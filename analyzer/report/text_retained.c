/* SPDX-License-Identifier: MIT */
/* What keeps the memory alive: suspects in the report, a table for `ouro retained`. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/text_section.h"
#include "text/human.h"

/* What holds this share of the heap alone is worth a sentence. */
#define SUSPECT_PERCENT 10.0
#define SUSPECTS 5u

static const char *article(const char *type)
{
    return strchr("aeiouAEIOU", *type) ? "an" : "a";
}

static bool suspect(const struct report *report, const struct retained_entry *entry)
{
    return text_percent(entry->retained, report->heap.bytes) >= SUSPECT_PERCENT;
}

static void suspect_line(const struct page *page, uint32_t *rank, const char *text)
{
    char label[24];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, ++*rank);
    page_wrap(page, label, text);
}

void text_retained(const struct page *page, const struct report *report)
{
    const struct retained_list *objects = &report->retained, *types = &report->retained_types;
    uint32_t rank = 0;
    char text[2048], native[TEXT_NATIVE];
    text_heading(page, "RETAINED");
    for (uint32_t i = 0; i < objects->count && rank < SUSPECTS; i++) {
        const struct retained_entry *e = &objects->entries[i];
        if (!suspect(report, e))
            break;
        snprintf(text, sizeof text, "%s, %s %s, keeps %s%s alive, %.1f %% of the heap%s", e->name,
                 article(e->type), e->type, human_bytes(e->retained).text,
                 text_native_part(e->native, e->retained, native),
                 text_percent(e->retained, report->heap.bytes),
                 e->shallow * 2 > e->retained ? ", most of it its own" : "");
        suspect_line(page, &rank, text);
    }
    for (uint32_t i = 0; i < types->count && rank < SUSPECTS; i++) {
        const struct retained_entry *e = &types->entries[i];
        if (!suspect(report, e))
            break;
        if (e->objects < 2 || !e->heap_type)
            continue;
        snprintf(text, sizeof text,
                 "%s instances of %s together keep %s%s alive, %.1f %% of the heap, %s each",
                 human_count(e->objects).text, e->type, human_bytes(e->retained).text,
                 text_native_part(e->native, e->retained, native),
                 text_percent(e->retained, report->heap.bytes),
                 human_bytes(e->retained / e->objects).text);
        suspect_line(page, &rank, text);
    }
    if (!rank)
        page_wrap(page, "  ", "no object and no class keeps more than a tenth of the heap alive");
    page_wrap(page, "\n  ", "(`ouro retained` lists more; what dies with an object is counted)");
}

static void place(const struct page *page, const struct retained_entry *entry, int room)
{
    char text[PAGE_PLACE_SIZE];
    page_place(page, entry->site, room, text);
    fprintf(page->out, "%s\n", text);
}

/* What an entry's type is, and how much of it C code has. */
static void native_line(const struct page *page, const struct retained_entry *entry,
                        const char *type)
{
    char text[2048], native[TEXT_NATIVE];
    /* What is all native says so by its type. */
    text_native_part(entry->native < entry->retained ? entry->native : 0, entry->retained, native);
    snprintf(text, sizeof text, "%s%s", type, *type ? native : native + (*native != '\0'));
    if (*text)
        page_wrap(page, "                                             ", text);
}

void report_retained_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                          bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    const struct retained_list *list = &report->retained;
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    text_head(&page, "OURO RETAINED", path);
    text_notices(&page, report);
    if (!report->snapshot) {
        page_wrap(&page, "  ", "there is no snapshot");
        return;
    }
    bool by_object = list->by == RETAINED_BY_OBJECT, by_site = list->by == RETAINED_BY_SITE;
    fprintf(out, "\n  %10s %6s %10s %11s  %s\n", "retained", "share", "own", "objects",
            by_object ? "path" : retained_by_name(list->by));
    for (uint32_t i = 0; i < list->count && i < top; i++) {
        const struct retained_entry *e = &list->entries[i];
        fprintf(out, "  %10s %5.1f%% %10s %11s  ", human_bytes(e->retained).text,
                text_percent(e->retained, report->heap.bytes), human_bytes(e->shallow).text,
                human_count(e->objects).text);
        if (by_site) {
            place(&page, e, PAGE_WIDTH - 45);
            continue;
        }
        page_name(&page, e->name, PAGE_WIDTH - 45);
        fputc('\n', out);
        if (by_object)
            native_line(&page, e, e->type);
        else if (e->native)
            native_line(&page, e, "");
    }
    uint64_t shown = list->count < top ? list->count : top;
    text_more(&page, list->count + list->more, (uint32_t)shown, by_object ? "objects" : "groups");
}
