/* SPDX-License-Identifier: MIT */
/* `ouro savings`: everything that could be kept in fewer bytes. */
#include <inttypes.h>
#include <stdio.h>

#include "report/text_section.h"
#include "text/human.h"

static const char *kind_text(enum saving_kind kind)
{
    static const char *const text[] = {
        [SAVING_EQUAL] = "equal values, one object for each",
        [SAVING_SLOTS] = "__slots__ instead of attribute tables",
        [SAVING_RECORD] = "classes instead of dicts of equal keys",
        [SAVING_NUMBERS] = "arrays instead of lists of numbers",
        [SAVING_ROOM] = "spare room of lists, dicts and sets",
        [SAVING_EMPTY] = "empty lists, dicts and sets",
        [SAVING_WIDE] = "strings that few characters make wide",
        [SAVING_CODE] = "code that is loaded more than once",
    };
    return text[kind];
}

static void saving_text(const struct page *page, const struct saving *s, uint32_t rank)
{
    char label[24], text[1024], place[PAGE_PLACE_SIZE];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    snprintf(text, sizeof text, "%s by %s: %s %s%s%s%s", human_bytes(s->bytes).text,
             kind_text(s->kind), human_count(s->objects).text, s->type, *s->what ? " (" : "",
             s->what, *s->what ? ")" : "");
    page_wrap(page, label, text);
    if (s->added_bytes < s->bytes) {
        snprintf(text, sizeof text, "%s, the rest is saved by those with more already",
                 human_bytes(s->added_bytes).text);
        page_wrap(page, LABEL("in sum: "), text);
    }
    page_wrap(page, LABEL("fix:    "), s->fix);
    if (!s->site)
        return;
    page_place(page, s->site, PAGE_WIDTH - 13, place);
    page_wrap(page, s->kind == SAVING_EQUAL ? LABEL("at:     ") : LABEL("made:   "), place);
}

void report_savings_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                         bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    const struct savings *s = &report->savings;
    char text[512];
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    text_head(&page, "OURO SAVINGS", path);
    text_notices(&page, report);
    if (!report->snapshot) {
        page_wrap(&page, "  ", "there is no snapshot");
        return;
    }
    fputc('\n', out);
    if (!s->count) {
        page_wrap(&page, "  ", "nothing worth the trouble");
        return;
    }
    snprintf(text, sizeof text, "%s of %s (%.1f %%) could be saved, nothing counted twice",
             human_bytes(s->bytes).text, human_bytes(report->heap.bytes).text,
             text_percent(s->bytes, report->heap.bytes));
    page_wrap(&page, "  ", text);
    for (unsigned k = 0; k < SAVING_KINDS; k++) {
        if (s->kind_bytes[k])
            fprintf(out, "  %12s  %s\n", human_bytes(s->kind_bytes[k]).text,
                    kind_text((enum saving_kind)k));
    }
    for (uint32_t i = 0; i < s->count && i < top; i++)
        saving_text(&page, &s->list[i], i + 1);
    text_more(&page, s->count, top, "findings");
}
