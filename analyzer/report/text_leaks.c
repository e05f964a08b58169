/* SPDX-License-Identifier: MIT */
/* What grows for as long as the program runs: a section of the report, and `ouro leaks`. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "growth/growth_name.h"
#include "report/text_section.h"
#include "text/human.h"

/* A program at work throws away most of what it allocates; this share of it is a lot to keep. */
#define LOADING 0.25

/* Where what has no container hangs. */
static const char *root_text(uint32_t kind)
{
    switch (kind) {
    case OURO_ROOT_LOCAL:
    case OURO_ROOT_STACK:
        return ", in variables of running functions";
    case OURO_ROOT_THREAD:
        return ", in the state of threads";
    case OURO_ROOT_ATEXIT:
        return ", in callbacks of atexit";
    case OURO_ROOT_INTERNED:
        return ", among the interned strings";
    case OURO_ROOT_MEMORY:
    case OURO_ROOT_STATIC_DATA:
        return ", in memory of C code";
    default:
        return "";
    }
}

static void head(const struct page *page, uint32_t rank, const struct growth_suspect *s)
{
    char label[24], text[2048];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    const char *type = s->type ? s->type : "objects of a type that is not known";
    if (s->released)
        snprintf(text, sizeof text, "%s  RETAINED  more and more %s, let go at the end",
                 s->signature, type);
    else if (s->container == NO_ID)
        snprintf(text, sizeof text, "%s  RETAINED  more and more %s%s", s->signature, type,
                 root_text(s->root_kind));
    else
        snprintf(text, sizeof text, "%s  RETAINED  %s%s%s", s->signature, s->path.name,
                 growth_verb(s), type);
    page_wrap(page, label, text);
}

static void growth_line(const struct page *page, const struct growth_span *span,
                        const struct growth_suspect *s)
{
    char text[512];
    uint32_t last = span->points - 1, rises = 0;
    for (uint32_t k = 1; k <= last; k++)
        rises += s->count[k] >= s->count[k - 1] + 0.5;
    double mib = 1 << 20, per = s->count_per_byte * mib;
    snprintf(text, sizeof text,
             "%s to %s alive, more in %" PRIu32 " of %" PRIu32
             " stretches of the run %s %s/s, %s/s in "
             "all %s %s for each MiB allocated",
             human_count((uint64_t)(s->count[0] + 0.5)).text,
             human_count((uint64_t)(s->count[last] + 0.5)).text, rises, last, page->dot,
             human_rate(s->count_rate).text, human_bytes((uint64_t)(s->bytes_rate + 0.5)).text,
             page->dot, human_rate(per).text);
    page_wrap(page, LABEL("grows:   "), text);
    if (s->bytes_per_byte > LOADING)
        page_wrap(page, LABEL("but:     "),
                  "much of all that the program allocated stayed here: if it was loading data, and "
                  "not at work, this is no leak");
}

static void path_line(const struct page *page, const struct root_path *path)
{
    char text[2048];
    size_t used = 0;
    for (uint32_t i = 0; i < path->count && used < sizeof text; i++) {
        const struct root_step *step = &path->steps[i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s%s%s", i ? " " : "",
                                 i ? page->arrow : "", i ? " " : "", step->type,
                                 *step->edge ? " " : "");
        if (used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", step->edge);
    }
    page_wrap(page, LABEL("path:    "), text);
}

static void members(const struct page *page, const struct growth_suspect *s, uint32_t most)
{
    for (uint32_t m = 1; m < s->member_count && m <= most; m++) {
        const struct growth_member *member = &s->members[m];
        char place[PAGE_PLACE_SIZE], label[24], text[1024];
        snprintf(label, sizeof label, "%s", m > 1 ? LABEL("         ") : LABEL("with it: "));
        page_place(page, page_own_frame(page, member->site), 40, place);
        snprintf(text, sizeof text, "%s %s, %s, made by %s",
                 human_count((uint64_t)(member->grown + 0.5)).text,
                 member->type ? member->type : "?",
                 human_bytes((uint64_t)(member->grown_bytes + 0.5)).text, place);
        page_wrap(page, label, text);
    }
    if (s->member_count > most + 1)
        fprintf(page->out, LABEL("         ") "... %" PRIu32 " more\n", s->member_count - most - 1);
}

static void suspect(const struct page *page, const struct report *report, uint32_t index,
                    uint32_t rank, bool full)
{
    const struct growth_suspect *s = &report->growth.suspects[index];
    char text[2048];
    head(page, rank, s);
    growth_line(page, &report->growth.series.span, s);
    if (s->container != NO_ID && s->spread) {
        snprintf(text, sizeof text, "no one container; the ways to it part at the %s",
                 s->container_type);
        page_wrap(page, LABEL("holder:  "), text);
        path_line(page, &s->path);
    } else if (s->container != NO_ID) {
        snprintf(text, sizeof text, "%s %s in %s; with those since the warm-up %s would die",
                 human_count(s->entries).text, s->entry_type, s->container_type,
                 human_bytes(s->bytes).text);
        page_wrap(page, LABEL("holder:  "), text);
        path_line(page, &s->path);
    }
    page_sites(page, LABEL("made:    "), s->sites, s->site_count,
               full ? s->site_count : TEXT_PLACES);
    members(page, s, full ? UINT32_MAX - 1 : 3);
    if (s->pattern) {
        snprintf(text, sizeof text, "%s: %s", s->pattern->id, s->pattern->title);
        page_wrap(page, LABEL("pattern: "), text);
    }
    page_wrap(page, LABEL("fix:     "), s->hint);
    if (full && s->pattern)
        page_wrap(page, LABEL("more:    "), "ouro explain tells more about the pattern");
}

static void native_suspect(const struct page *page, const struct report *report, uint32_t index,
                           uint32_t rank)
{
    const struct native_growth *g = &report->native_growth;
    const struct native_suspect *s = &g->suspects[index];
    const char *about = native_is_estimate(report->process, s->kind) ? "~" : "";
    char label[24], text[2048];
    uint32_t last = g->span.points - 1, rises = 0;
    struct native_site site;
    for (uint32_t k = 1; k <= last; k++)
        rises += s->bytes[k] > s->bytes[k - 1];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    snprintf(text, sizeof text, "%s  NATIVE  %s: more and more %s%s", s->signature, s->asker,
             native_growth_what(s), s->released ? ", let go at the end" : "");
    page_wrap(page, label, text);
    snprintf(text, sizeof text,
             "%s%s to %s%s alive, more in %" PRIu32 " of %" PRIu32
             " stretches of the run %s %s%s/s, %s%s blocks/s",
             about, human_bytes((uint64_t)(s->bytes[0] + 0.5)).text, about,
             human_bytes((uint64_t)(s->bytes[last] + 0.5)).text, rises, last, page->dot, about,
             human_bytes((uint64_t)(s->bytes_rate > 0 ? s->bytes_rate + 0.5 : 0)).text, about,
             human_rate(s->count_rate).text);
    page_wrap(page, LABEL("grows:   "), text);
    if (native_site_of(report->process, report->symbols, s->stack, &site) == 0)
        text_native_frames(page, report, &site);
}

/* Where objects own what grows, they are suspects, too. */
static void native_suspects(const struct page *page, const struct report *report, uint32_t top)
{
    const struct native_growth *g = &report->native_growth;
    for (uint32_t i = 0; i < g->suspect_count && i < top; i++)
        native_suspect(page, report, i, report->growth.suspect_count + i + 1);
    text_more(page, g->suspect_count, top, "native suspects");
}

static void suspects(const struct page *page, const struct report *report, uint32_t top, bool full)
{
    const struct growth *g = &report->growth;
    char text[512];
    if (!g->series.span.points && !report->native_growth.suspect_count) {
        snprintf(text, sizeof text,
                 "the run is too short to tell what grows: about %s more would have to be "
                 "allocated (or `ouro run --epoch` given less)",
                 human_bytes(g->series.span.missing).text);
        page_wrap(page, "  ", text);
        return;
    }
    if (!g->suspect_count && !report->native_growth.suspect_count)
        page_wrap(page, "  ", "nothing grew from the warm-up to the end");
    for (uint32_t i = 0; i < g->suspect_count && i < top; i++)
        suspect(page, report, i, i + 1, full && g->suspect_count == 1);
    text_more(page, g->suspect_count, top, "suspects");
    native_suspects(page, report, top);
}

void text_leaks(const struct page *page, const struct report *report, uint32_t top)
{
    text_heading(page, "LEAKS (GROWTH SUSPECTS)");
    suspects(page, report, top, false);
}

void report_leaks_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                       bool full, bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    text_head(&page, "OURO LEAKS", path);
    text_notices(&page, report);
    fputc('\n', out);
    suspects(&page, report, top == REPORT_DEFAULT ? TEXT_TOP : top, full);
}
