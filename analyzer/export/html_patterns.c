/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "export/html_parts.h"
#include "patterns/pattern.h"
#include "report/json_writer.h"

#define PATTERNS_MOST 64u /* in one page */

struct used {
    const struct pattern *pattern[PATTERNS_MOST];
    uint32_t count;
};

static void use(struct used *used, const struct pattern *pattern)
{
    uint32_t at = 0;
    while (at < used->count && used->pattern[at] != pattern)
        at++;
    if (pattern && at == used->count && at < PATTERNS_MOST)
        used->pattern[used->count++] = pattern;
}

static void use_named(struct used *used, const char *id)
{
    if (id)
        use(used, pattern_find(id));
}

static json_t *pattern_json(const struct pattern *pattern)
{
    json_t *o = json_with(json_object(), "id", json_string(pattern->id));
    o = json_with(o, "title", json_string(pattern->title));
    o = json_with(o, "explanation", json_text_or_null(pattern->explanation));
    o = json_with(o, "before", json_text_or_null(pattern->before));
    o = json_with(o, "after", json_text_or_null(pattern->after));
    return json_with(o, "link", json_text_or_null(pattern->link));
}

int html_patterns_write(FILE *out, const struct report *report)
{
    struct used used = {.count = 0};
    struct writer w = {.out = out};
    for (uint32_t i = 0; i < report->cycles.group_count; i++)
        use_named(&used, report->cycles.groups[i].fix.pattern);
    if (report->cycles.held.group_count)
        use_named(&used, HELD_PATTERN);
    for (uint32_t i = 0; i < report->growth.suspect_count; i++)
        use(&used, report->growth.suspects[i].pattern);
    writer_text(&w, "[");
    for (uint32_t i = 0; i < used.count; i++)
        writer_member(&w, i ? ",\n" : "\n", pattern_json(used.pattern[i]));
    writer_text(&w, "]");
    return w.failed ? -1 : 0;
}
