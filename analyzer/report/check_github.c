/* SPDX-License-Identifier: MIT */
/* Annotations as workflow commands of GitHub Actions: one line each, written to standard output. */
#include <inttypes.h>
#include <string.h>

#include "report/change_words.h"
#include "report/check_parts.h"

/* What would end a message, or also a property, is escaped as the runner expects it. */
static void escaped(FILE *out, const char *text, bool property)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (property && (*text == ':' || *text == ',')))
            fprintf(out, "%%%02X", (unsigned)(unsigned char)*text);
        else
            fputc(*text, out);
    }
}

void check_github(FILE *out, const struct check_report *report)
{
    const struct judgement *j = report->judgement;
    char words[FINDING_WORDS_SIZE];
    for (uint32_t i = 0; i < j->count; i++) {
        const struct finding *finding = &j->findings[i];
        const struct digest_place *place = &finding->change.after->place;
        const char *state = finding_state(finding);
        fprintf(out, "::%s ", *state == 'f' ? "error" : *state == 'w' ? "warning" : "notice");
        if (finding_has_line(finding)) {
            fputs("file=", out);
            escaped(out, place->file, true);
            fprintf(out, ",line=%" PRIu32 ",", place->line);
        }
        fputs("title=", out);
        escaped(out, rule_info(finding->rule)->name, true);
        fputs("::", out);
        finding_words(report, finding, words, sizeof words);
        escaped(out, words, false);
        fputc('\n', out);
    }
}
