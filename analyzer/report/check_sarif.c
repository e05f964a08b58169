/* SPDX-License-Identifier: MIT */
/*
 * SARIF 2.1.0: one result for each finding, at the line that allocated, recognised again by its
 * fingerprint. What is allowed is suppressed.
 */
#include <stdlib.h>
#include <string.h>

#include "report/check_parts.h"
#include "report/json_writer.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

static json_t *text_json(const char *text)
{
    return json_with(json_object(), "text", json_string(text));
}

static json_t *rule_json(enum rule rule, const struct policy *policy)
{
    const struct rule_info *info = rule_info(rule);
    json_t *o = json_with(json_object(), "id", json_string(info->name));
    bool failure = policy->levels[rule] == LEVEL_FAILURE;
    json_t *configuration =
        json_with(json_object(), "level", json_string(failure ? "error" : "warning"));
    configuration =
        json_with(configuration, "enabled", json_boolean(policy->levels[rule] != LEVEL_OFF));
    o = json_with(o, "shortDescription", text_json(info->what));
    return json_with(o, "defaultConfiguration", configuration);
}

/* A path as a URI reference: what has a meaning there is escaped. NULL without memory. */
static json_t *uri_json(const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    char *text = malloc(3 * strlen(path) + 8), *at = text;
    if (!text)
        return NULL;
    if (*path == '/')
        at = stpcpy(at, "file://");
    for (; *path; path++) {
        if (strchr(plain, *path))
            *at++ = *path;
        else
            at += sprintf(at, "%%%02X", (unsigned)(unsigned char)*path);
    }
    *at = '\0';
    json_t *uri = json_string(text);
    free(text);
    return uri;
}

static json_t *location_json(const struct digest_place *place)
{
    json_t *artifact = json_with(json_object(), "uri", uri_json(place->file));
    json_t *region = json_with(json_object(), "startLine", json_number(place->line));
    json_t *physical = json_with(json_object(), "artifactLocation", artifact);
    physical = json_with(physical, "region", region);
    json_t *logical = json_with(json_object(), "fullyQualifiedName", json_string(place->function));
    json_t *o = json_with(json_object(), "physicalLocation", physical);
    return json_with(o, "logicalLocations", json_append(json_array(), logical));
}

static json_t *result_json(const struct check_report *report, const struct finding *finding)
{
    const struct policy *policy = report->judgement->policy;
    char words[FINDING_WORDS_SIZE];
    finding_words(report, finding, words, sizeof words);
    bool allowed = finding->allowed_by != FINDING_ALLOWED_BY_NONE;
    bool failure = finding->level == LEVEL_FAILURE;
    json_t *locations = json_array();
    if (finding_has_line(finding))
        locations = json_append(locations, location_json(&finding->change.after->place));
    json_t *o = json_with(json_object(), "ruleId", json_string(rule_info(finding->rule)->name));
    o = json_with(o, "ruleIndex", json_number(finding->rule));
    o = json_with(o, "level", json_string(failure ? "error" : "warning"));
    o = json_with(o, "message", text_json(words));
    o = json_with(o, "locations", locations);
    o = json_with(o, "partialFingerprints",
                  json_with(json_object(), "ouro/v1", json_string(finding->fingerprint)));
    if (report->baseline)
        o = json_with(o, "baselineState", json_string(finding->change.before ? "updated" : "new"));
    if (allowed) {
        json_t *suppression = json_with(json_object(), "kind", json_string("external"));
        suppression = json_with(suppression, "justification",
                                json_string(policy->allowances[finding->allowed_by].reason));
        o = json_with(o, "suppressions", json_append(json_array(), suppression));
    }
    return o;
}

int check_sarif(FILE *out, const struct check_report *report)
{
    const struct judgement *j = report->judgement;
    struct writer w = {.out = out};
    writer_text(&w, "{\"$schema\": \"" SCHEMA "\",\n\"version\": \"2.1.0\",\n\"runs\": [{");
    writer_text(&w, "\"tool\": {\"driver\": {\"name\": \"ouro\", \"version\": \"" OURO_VERSION
                    "\",\n\"rules\": [");
    for (unsigned rule = 0; rule < RULES; rule++)
        writer_member(&w, rule ? ",\n" : "\n", rule_json((enum rule)rule, j->policy));
    writer_text(&w, "]}},\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": [");
    for (uint32_t i = 0; i < j->count && !w.failed; i++)
        writer_member(&w, i ? ",\n" : "\n", result_json(report, &j->findings[i]));
    writer_text(&w, "]}]}\n");
    return w.failed ? -1 : 0;
}
