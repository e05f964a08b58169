/* SPDX-License-Identifier: MIT */
/* Cycles that the collector frees, for people. */
#include <inttypes.h>
#include <stdio.h>

#include "report/text_cycles.h"
#include "text/human.h"

/* "870", "1.2 M": an estimate, not to be taken for a count. */
static struct human about(double count)
{
    static const char *const units[] = {"", " k", " M", " G", " T"};
    size_t unit = 0;
    struct human h;
    for (; count >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        count /= 1000;
    snprintf(h.text, sizeof h.text, "%.*f%s", unit && count < 99.95 ? 1 : 0, count, units[unit]);
    return h;
}

static void shape(const struct page *page, const struct shape *s, uint32_t rank)
{
    char text[512], label[24];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, rank);
    if (s->per_hour > 0)
        snprintf(text, sizeof text, "%s about %s cycles an hour, %s in this run",
                 s->group.signature, about(s->per_hour).text, about(s->cycles).text);
    else
        snprintf(text, sizeof text, "%s about %s cycles in this run", s->group.signature,
                 about(s->cycles).text);
    page_wrap(page, label, text);
    page_path(page, &s->group, 4);
    text_cycle_cut(page, &s->group);
    if (s->group.fix.hint)
        page_wrap(page, LABEL("hint:   "), s->group.fix.hint);
    text_cycle_pattern(page, s->group.fix.pattern);
    page_sites(page, LABEL("made:   "), s->group.sites, s->group.site_count, TEXT_PLACES);
    snprintf(text, sizeof text, "%s cycles in %s collections; the rate is from %s",
             human_count(s->group.count).text, human_count(s->looks).text,
             s->by_deaths ? "what the collector freed of these lines"
                          : "the number of collections");
    page_wrap(page, LABEL("seen:   "), text);
}

void text_shapes(const struct page *page, const struct report *report, uint32_t top)
{
    const struct shapes *s = &report->shapes;
    char text[512];
    if (!s->wanted)
        return;
    text_heading(page, "CYCLES THE COLLECTOR FREES");
    if (!s->looks) {
        page_wrap(page, "  ",
                  "no collection was looked at: there was none, or no time for it (see 'ouro help "
                  "run', --gc-shapes)");
        return;
    }
    snprintf(text, sizeof text,
             "of %s collections %s %s looked at before %s ran, %s of them had no cycles; this took "
             "%.2f %% of the run's time (limit: %g %%). Numbers and rates are estimates from these",
             human_count(s->runs).text, human_count(s->looks).text, s->looks == 1 ? "was" : "were",
             s->looks == 1 ? "it" : "they", s->empty ? human_count(s->empty).text : "none",
             100 * s->share, 100 * s->limit);
    page_wrap(page, "  ", text);
    for (uint32_t i = 0; i < s->count && i < top; i++)
        shape(page, &s->items[i], i + 1);
    text_more(page, s->count, top, "kinds of cycles");
}
