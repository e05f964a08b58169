/* SPDX-License-Identifier: MIT */
/* GitLab's code quality report: a list of findings. Each must have a file and a line; what has none is
 * shown at the baseline. */
#include "report/check_parts.h"
#include "report/json_writer.h"

static json_t *finding_json(const struct check_report *report, const struct finding *finding)
{
    const struct digest_place *place = &finding->change.after->place;
    const char *state = finding_state(finding);
    bool line = finding_has_line(finding);
    const char *nowhere = report->baseline ? report->baseline : report->run;
    char words[FINDING_WORDS_SIZE];
    finding_words(report, finding, words, sizeof words);
    json_t *lines = json_with(json_object(), "begin", json_number(line ? place->line : 1));
    json_t *location = json_with(json_object(), "path", json_string(line ? place->file : nowhere));
    json_t *o = json_with(json_object(), "description", json_string(words));
    o = json_with(o, "check_name", json_string(rule_info(finding->rule)->name));
    o = json_with(o, "fingerprint", json_string(finding->fingerprint));
    o = json_with(o, "severity",
                  json_string(*state == 'f'   ? "major"
                              : *state == 'w' ? "minor"
                                              : "info"));
    return json_with(o, "location", json_with(location, "lines", lines));
}

int check_gitlab(FILE *out, const struct check_report *report)
{
    const struct judgement *j = report->judgement;
    struct writer w = {.out = out};
    writer_text(&w, "[");
    for (uint32_t i = 0; i < j->count && !w.failed; i++)
        writer_member(&w, i ? ",\n" : "\n", finding_json(report, &j->findings[i]));
    writer_text(&w, "]\n");
    return w.failed ? -1 : 0;
}
