/* SPDX-License-Identifier: MIT */
#include "report/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "report/change_words.h"
#include "report/check_parts.h"
#include "text/human.h"
#include "text/utf8.h"

const char *finding_state(const struct finding *finding)
{
    return finding->allowed_by != FINDING_ALLOWED_BY_NONE ? "allowed" : level_name(finding->level);
}

bool finding_has_line(const struct finding *finding)
{
    const struct digest_place *place = &finding->change.after->place;
    return place->file && *place->file && *place->file != '<' && place->line > 0;
}

void finding_title(const struct check_report *report, const struct finding *finding, char *text,
                   size_t size)
{
    const struct digest_item *item = finding->change.after;
    char figures[CHANGE_WORDS_SIZE], count[80], bytes[80];
    if (finding->change.before || item->subject == DIGEST_TOTAL) {
        change_figures(&finding->change, figures);
    } else {
        range_count_words(item->count, count, sizeof count);
        range_bytes_words(item->bytes, bytes, sizeof bytes);
        const char *what = subject_objects(item->subject);
        bool counted = item->subject != DIGEST_RETAINED;
        snprintf(figures, sizeof figures, "%s%s%s%s%s%s", counted ? count : "", counted ? " " : "",
                 what, counted ? ", " : "", bytes, report->baseline ? ", not in the baseline" : "");
    }
    if (finding->most)
        snprintf(text, size, "%s: %s, the limit is %s", item->key, figures,
                 human_bytes(finding->most).text);
    else
        snprintf(text, size, "%s: %s", item->key, figures);
    utf8_finish(text, size);
}

/* Adds a line, if it fits. */
__attribute__((format(printf, 4, 5))) static void line_add(char *text, size_t size, size_t *used,
                                                           const char *format, ...)
{
    va_list arguments;
    if (*used >= size)
        return;
    va_start(arguments, format);
    *used += (size_t)vsnprintf(text + *used, size - *used, format, arguments);
    va_end(arguments);
}

void finding_words(const struct check_report *report, const struct finding *finding, char *text,
                   size_t size)
{
    const struct digest_item *item = finding->change.after;
    char title[2 * CHANGE_WORDS_SIZE], place[CHANGE_WORDS_SIZE];
    uint32_t from = change_moved_from(&finding->change);
    size_t used = 0;
    finding_title(report, finding, title, sizeof title);
    line_add(text, size, &used, "%s", title);
    place_words(item, place);
    if (*place)
        line_add(text, size, &used, "\nat %s", place);
    if (from)
        line_add(text, size, &used, " (moved from line %" PRIu32 ")", from);
    if (*item->detail)
        line_add(text, size, &used, "\n%s%s",
                 item->subject == DIGEST_ALIVE                                    ? "kept by "
                 : item->subject == DIGEST_NATIVE || item->subject == DIGEST_LEAK ? "in C at "
                                                                                  : "",
                 item->detail);
    if (finding->change.resembles)
        line_add(text, size, &used, "\nresembles %s", finding->change.resembles);
    if (*item->hint)
        line_add(text, size, &used, "\nhint: %s", item->hint);
    if (finding->allowed_by != FINDING_ALLOWED_BY_NONE)
        line_add(text, size, &used, "\nallowed: %s",
                 report->judgement->policy->allowances[finding->allowed_by].reason);
    utf8_finish(text, size);
}

void allowance_words(const struct allowance *a, char *text, size_t size)
{
    const char *parts[] = {a->rule, a->key, a->file, a->function};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i])
            line_add(text, size, &used, "%s%s", used ? " " : "", parts[i]);
    }
    utf8_finish(text, size);
}

int check_write(FILE *out, const struct check_report *report, enum check_format format, bool utf8)
{
    int status = 0;
    switch (format) {
    case CHECK_TEXT:
        check_text(out, report, utf8);
        break;
    case CHECK_JSON:
        status = check_json(out, report);
        break;
    case CHECK_MARKDOWN:
        check_markdown(out, report);
        break;
    case CHECK_JUNIT:
        check_junit(out, report);
        break;
    case CHECK_SARIF:
        status = check_sarif(out, report);
        break;
    case CHECK_GITHUB:
        check_github(out, report);
        break;
    case CHECK_GITLAB:
        status = check_gitlab(out, report);
        break;
    }
    return status < 0 || ferror(out) ? -1 : 0;
}
