/* SPDX-License-Identifier: MIT */
/* Equal values: the section of the report, and `ouro intern`. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/text_section.h"
#include "text/human.h"
#include "text/utf8.h"

#define VALUES 3u
#define VALUE_COLUMNS 60u

static void examples(const struct page *page, const struct interning_group *group)
{
    char text[1024];
    size_t used = 0;
    for (uint32_t i = 0; i < group->example_count && i < VALUES && used < sizeof text; i++) {
        const struct interning_example *e = &group->examples[i];
        if (!e->value)
            return;
        bool quoted = e->bytes || !strcmp(group->type, "str");
        bool cut = e->truncated || strlen(e->value) > VALUE_COLUMNS;
        int length = (int)utf8_whole(e->value, strnlen(e->value, VALUE_COLUMNS));
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s%.*s%s%s (%s)", i ? ", " : "",
                             quoted ? "'" : "", length, e->value, cut ? page->ellipsis : "",
                             quoted ? "'" : "", human_count(e->copies).text);
    }
    if (used)
        page_wrap(page, LABEL("values: "), text);
}

/* Where the copies are, unless the group is of one place. */
static void holders(const struct page *page, const struct interning_group *group)
{
    char text[1024];
    size_t used = 0;
    for (uint32_t i = 0; i < group->holder_count && i < VALUES && used < sizeof text; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s (%s)", i ? ", " : "",
                             group->holders[i].holder, human_count(group->holders[i].copies).text);
    page_wrap(page, LABEL("held:   "), text);
}

static void fix(const struct page *page, const struct interning_group *group)
{
    char place[PAGE_PLACE_SIZE], text[1200];
    page_wrap(page, LABEL("fix:    "), group->fix.text);
    if (!group->fix.site)
        return;
    page_place(page, group->fix.site, PAGE_WIDTH - 15, place);
    snprintf(text, sizeof text, "%s", place);
    page_wrap(page, LABEL("at:     "), text);
}

static void group_text(const struct page *page, const struct interning *n,
                       const struct interning_group *g, uint32_t rank)
{
    char label[24], text[1024], table[64] = "", unique[80] = "";
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    if (n->query.by == INTERNING_BY_HOLDER)
        snprintf(text, sizeof text, "%s by one copy of each %s in %s",
                 human_bytes(g->net_bytes).text, g->type, g->holder);
    else if (n->query.by == INTERNING_BY_VALUE)
        snprintf(text, sizeof text, "%s by one copy of a %s", human_bytes(g->net_bytes).text,
                 g->type);
    else
        snprintf(text, sizeof text, "%s by one copy of each %s made in one place",
                 human_bytes(g->net_bytes).text, g->type);
    page_wrap(page, label, text);
    if (g->table_bytes)
        snprintf(table, sizeof table, ", %s of it for the table", human_bytes(g->table_bytes).text);
    if (g->unique)
        snprintf(unique, sizeof unique, "; %s more are unique", human_count(g->unique).text);
    snprintf(text, sizeof text, "%s, %s distinct%s; worth interning: %s",
             human_count(g->copies).text, human_count(g->distinct).text, unique,
             g->advice == ADVICE_INTERN  ? "yes"
             : g->advice == ADVICE_MAYBE ? "maybe"
                                         : "no");
    page_wrap(page, LABEL("copies: "), text);
    snprintf(text, sizeof text, "%s gross; %s objects go%s", human_bytes(g->gross_bytes).text,
             human_count(g->net_objects).text, table);
    page_wrap(page, LABEL("bytes:  "), text);
    fix(page, g);
    if (n->query.by != INTERNING_BY_HOLDER)
        holders(page, g);
    page_sites(page, LABEL("made:   "), g->sites, g->site_count, TEXT_PLACES);
    examples(page, g);
}

static void interning_body(const struct page *page, const struct report *report, uint32_t top,
                           bool all)
{
    const struct interning *n = &report->interning;
    char text[512];
    uint32_t shown = 0, worth = 0;
    if (!n->group_count) {
        page_wrap(page, "  ",
                  n->left_out ? "none of that size" : "none: no two objects have equal values");
        return;
    }
    int used =
        snprintf(text, sizeof text,
                 "%s objects have one of %s values; one object for each would save %s "
                 "(%.1f %% of the heap), the tables of them already deducted",
                 human_count(n->copies).text, human_count(n->distinct).text,
                 human_bytes(n->net_bytes).text, text_percent(n->net_bytes, report->heap.bytes));
    if (n->advised_bytes)
        snprintf(text + used, sizeof text - (size_t)used, "; those that are worth it %s together",
                 human_bytes(n->advised_bytes).text);
    page_wrap(page, "  ", text);
    for (uint32_t i = 0; i < n->group_count; i++) {
        const struct interning_group *g = &n->groups[i];
        if (g->advice == ADVICE_NO && !all)
            continue;
        worth++;
        if (shown < top)
            group_text(page, n, g, ++shown);
    }
    if (n->group_count > worth) {
        bool one = n->group_count - worth == 1;
        fputc('\n', page->out);
        snprintf(text, sizeof text, "%s %s not worth the trouble (`ouro intern --all` lists %s)",
                 human_count(n->group_count - worth).text, one ? "group is" : "groups are",
                 one ? "it" : "them");
        page_wrap(page, "  ", text);
    }
    text_more(page, worth, top, "groups");
}

/* Strings that are made again and again: an estimate. */
static void remade_body(const struct page *page, const struct report *report, uint32_t top)
{
    const struct remade *r = &report->remade;
    char text[1024];
    if (!r->count)
        return;
    snprintf(text, sizeof text,
             "Made again and again, and dropped (estimates from %s samples, one in %s of "
             "allocation; no snapshot has these strings):",
             human_count(r->samples).text, human_bytes(r->every).text);
    page_wrap(page, "\n  ", text);
    for (uint32_t i = 0; i < r->count && i < top; i++) {
        const struct remade_place *p = &r->places[i];
        char label[24], place[PAGE_PLACE_SIZE];
        snprintf(label, sizeof label, "\n~%-3" PRIu32, i + 1);
        snprintf(text, sizeof text,
                 "%s in about %s strings of %s value%s: %.0f %% of %s samples there",
                 human_bytes(p->bytes).text, human_count(p->objects).text,
                 human_count(p->value_count).text, p->value_count == 1 ? "" : "s",
                 text_percent(p->again, p->samples), human_count(p->samples).text);
        page_wrap(page, label, text);
        page_place(page, p->site, PAGE_WIDTH - 13, place);
        page_wrap(page, LABEL("made:   "), place);
        page_wrap(
            page, LABEL("fix:    "),
            "look it up instead of making it: by the bytes or the key it is made from, with a "
            "dict or functools.lru_cache");
        size_t used = 0;
        for (uint32_t v = 0; v < p->value_count && v < VALUES && p->values[v].value; v++) {
            const struct remade_value *value = &p->values[v];
            int length = (int)utf8_whole(value->value, strnlen(value->value, VALUE_COLUMNS));
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s'%.*s%s' (%s)", v ? ", " : "",
                                 length, value->value, value->truncated ? page->ellipsis : "",
                                 human_count(value->samples).text);
        }
        if (used)
            page_wrap(page, LABEL("values: "), text);
    }
    text_more(page, r->count, top, "places");
}

void text_interning(const struct page *page, const struct report *report, uint32_t top)
{
    text_heading(page, "INTERNING SAVINGS");
    interning_body(page, report, top, false);
    remade_body(page, report, top);
}

void report_interning_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                           bool all, bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    text_head(&page, "OURO INTERN", path);
    text_notices(&page, report);
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    fputc('\n', out);
    if (report->snapshot)
        interning_body(&page, report, top, all);
    else
        page_wrap(&page, "  ", "there is no snapshot");
    remade_body(&page, report, top);
}
