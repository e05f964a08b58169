/* SPDX-License-Identifier: MIT */
/* The result of `ouro check` as JSON of its own (docs/check.schema.json). */
#include "report/change_words.h"
#include "report/check_parts.h"
#include "report/diff_values.h"

static json_t *finding_json(const struct check_report *report, const struct finding *finding)
{
    char title[2 * CHANGE_WORDS_SIZE];
    json_t *o = json_with(json_object(), "rule", json_string(rule_info(finding->rule)->name));
    bool allowed = finding->allowed_by != FINDING_ALLOWED_BY_NONE;
    finding_title(report, finding, title, sizeof title);
    o = json_with(o, "state", json_string(finding_state(finding)));
    o = json_with(o, "message", json_string(title));
    o = json_with(o, "limit", finding->most ? json_number(finding->most) : json_null());
    o = json_with(o, "allowance", allowed ? json_number(finding->allowed_by) : json_null());
    o = json_with(o, "fingerprint", json_string(finding->fingerprint));
    json_t *change = change_json(&finding->change);
    if (!o || !change || json_object_update(o, change) < 0) {
        json_decref(o);
        o = NULL;
    }
    json_decref(change);
    return o;
}

static json_t *allowance_json(const struct allowance *a)
{
    json_t *o = json_with(json_object(), "rule", json_text_or_null(a->rule));
    o = json_with(o, "key", json_text_or_null(a->key));
    o = json_with(o, "file", json_text_or_null(a->file));
    o = json_with(o, "function", json_text_or_null(a->function));
    o = json_with(o, "reason", json_string(a->reason));
    o = json_with(o, "expires", json_text_or_null(a->expires));
    o = json_with(o, "expired", json_boolean(a->expired));
    return json_with(o, "hits", json_number(a->hits));
}

int check_json(FILE *out, const struct check_report *report)
{
    const struct judgement *j = report->judgement;
    struct writer w = {.out = out};
    json_t *notices = json_array();
    for (uint32_t i = 0; i < j->run->notice_count; i++)
        notices = json_append(notices, json_string(j->run->notices[i]));
    writer_text(&w, "{\"schema\": \"ouro.check/1\",\n");
    writer_member(&w, "\"run\": ", json_string(report->run));
    writer_member(&w, ", \"baseline\": ", json_text_or_null(report->baseline));
    writer_member(&w, ", \"runtime\": ", json_string(j->run->runtime));
    writer_member(&w, ", \"updated\": ", json_boolean(report->updated));
    writer_member(&w, ",\n\"passed\": ", json_boolean(!j->failures));
    writer_member(&w, ", \"failures\": ", json_number(j->failures));
    writer_member(&w, ", \"warnings\": ", json_number(j->warnings));
    writer_member(&w, ", \"allowed\": ", json_number(j->allowed));
    writer_member(&w, ", \"moved_lines\": ", json_number(j->difference.moved));
    writer_member(&w, ",\n\"notices\": ", notices);
    writer_text(&w, ",\n\"rules\": [");
    for (unsigned rule = 0; rule < RULES; rule++) {
        const struct rule_info *info = rule_info((enum rule)rule);
        json_t *o = json_with(json_object(), "rule", json_string(info->name));
        o = json_with(o, "level", json_string(level_name(j->policy->levels[rule])));
        writer_member(&w, rule ? ",\n" : "\n", json_with(o, "what", json_string(info->what)));
    }
    writer_text(&w, "],\n\"findings\": [");
    for (uint32_t i = 0; i < j->count && !w.failed; i++)
        writer_member(&w, i ? ",\n" : "\n", finding_json(report, &j->findings[i]));
    writer_text(&w, "],\n\"allowances\": [");
    for (uint32_t i = 0; i < j->policy->allowance_count && !w.failed; i++)
        writer_member(&w, i ? ",\n" : "\n", allowance_json(&j->policy->allowances[i]));
    writer_text(&w, "]}\n");
    return w.failed ? -1 : 0;
}
