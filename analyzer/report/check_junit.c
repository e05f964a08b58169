/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML: one case for each rule that applies. In the form that Ant's schema, the strictest, and that
 * of Jenkins both accept: no attributes that only one of them knows, and what does not fail in the
 * suite's output. What differs from call to call (times, the machine's name) is left at zero, so that
 * the same run gives the same bytes.
 */
#include <inttypes.h>
#include <string.h>

#include "report/check_parts.h"

/* Text in an attribute or element. Control characters, which XML 1.0 does not know, become "?". */
static void xml_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc((unsigned char)*text < 0x20 && *text != '\n' ? '?' : *text, out);
        }
    }
}

/* Whether a rule can have findings here. */
static bool applies(const struct check_report *report, enum rule rule)
{
    const struct policy *policy = report->judgement->policy;
    return policy->levels[rule] != LEVEL_OFF &&
           (!rule_info(rule)->baseline || report->baseline || policy->most[rule]);
}

static uint32_t failures_of(const struct judgement *j, enum rule rule)
{
    uint32_t failures = 0;
    for (uint32_t i = 0; i < j->count; i++)
        failures += j->findings[i].rule == rule && *finding_state(&j->findings[i]) == 'f';
    return failures;
}

static void case_write(FILE *out, const struct check_report *report, enum rule rule)
{
    const struct rule_info *info = rule_info(rule);
    const struct judgement *j = report->judgement;
    uint32_t failures = failures_of(j, rule);
    char words[FINDING_WORDS_SIZE];
    fprintf(out, "    <testcase name=\"%s\" classname=\"ouro.check\" time=\"0\"", info->name);
    if (!failures) {
        fputs("/>\n", out);
        return;
    }
    fprintf(out, ">\n      <failure type=\"%s\" message=\"%" PRIu32 " finding%s: ", info->name,
            failures, failures == 1 ? "" : "s");
    xml_text(out, info->what);
    fputs("\">", out);
    for (uint32_t i = 0; i < j->count; i++) {
        if (j->findings[i].rule != rule || *finding_state(&j->findings[i]) != 'f')
            continue;
        finding_words(report, &j->findings[i], words, sizeof words);
        xml_text(out, words);
        fputs("\n\n", out);
    }
    fputs("</failure>\n    </testcase>\n", out);
}

/* What does not fail: warnings, and what is allowed. */
static void others_write(FILE *out, const struct check_report *report)
{
    const struct judgement *j = report->judgement;
    char words[FINDING_WORDS_SIZE];
    fputs("    <system-out>", out);
    for (uint32_t i = 0; i < j->count; i++) {
        const char *state = finding_state(&j->findings[i]);
        if (*state == 'f')
            continue;
        finding_words(report, &j->findings[i], words, sizeof words);
        fprintf(out, "%s %s: ", state, rule_info(j->findings[i].rule)->name);
        xml_text(out, words);
        fputs("\n\n", out);
    }
    fputs("</system-out>\n    <system-err></system-err>\n", out);
}

static void properties_write(FILE *out, const struct check_report *report)
{
    fputs("    <properties>\n      <property name=\"run\" value=\"", out);
    xml_text(out, report->run);
    fputs("\"/>\n    </properties>\n", out);
}

/* The finding about a test that fails, or NULL. */
static const struct finding *failing_test(const struct judgement *j, const struct digest_item *test)
{
    for (uint32_t i = 0; i < j->count; i++) {
        if (j->findings[i].change.after == test && *finding_state(&j->findings[i]) == 'f')
            return &j->findings[i];
    }
    return NULL;
}

/* A suite with a case for each test of the program's own suite, if it ran one. */
static void tests_write(FILE *out, const struct check_report *report)
{
    const struct digest *run = report->judgement->run;
    uint32_t cases = 0;
    char words[FINDING_WORDS_SIZE];
    for (uint32_t i = 0; i < run->count; i++)
        cases += run->items[i].subject == DIGEST_TEST;
    if (!cases || !applies(report, RULE_LEAKING_TEST))
        return;
    fprintf(out,
            "  <testsuite name=\"ouro tests\" package=\"ouro\" id=\"1\" timestamp=\"%s\" "
            "hostname=\"localhost\" tests=\"%" PRIu32 "\" failures=\"%" PRIu32
            "\" errors=\"0\" time=\"0\">\n",
            report->started, cases, failures_of(report->judgement, RULE_LEAKING_TEST));
    properties_write(out, report);
    for (uint32_t i = 0; i < run->count; i++) {
        const struct digest_item *test = &run->items[i];
        if (test->subject != DIGEST_TEST)
            continue;
        const struct finding *finding = failing_test(report->judgement, test);
        fputs("    <testcase name=\"", out);
        xml_text(out, test->key);
        fputs("\" classname=\"ouro.tests\" time=\"0\"", out);
        if (!finding) {
            fputs("/>\n", out);
            continue;
        }
        fputs(">\n      <failure type=\"leaking-test\" message=\"it leaves objects behind\">", out);
        finding_words(report, finding, words, sizeof words);
        xml_text(out, words);
        fputs("</failure>\n    </testcase>\n", out);
    }
    fputs("    <system-out></system-out>\n    <system-err></system-err>\n  </testsuite>\n", out);
}

void check_junit(FILE *out, const struct check_report *report)
{
    uint32_t cases = 0, failing = 0;
    for (unsigned rule = 0; rule < RULES; rule++) {
        cases += applies(report, (enum rule)rule);
        failing += failures_of(report->judgement, (enum rule)rule) != 0;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    fprintf(out,
            "  <testsuite name=\"ouro check\" package=\"ouro\" id=\"0\" timestamp=\"%s\" "
            "hostname=\"localhost\" tests=\"%" PRIu32 "\" failures=\"%" PRIu32
            "\" errors=\"0\" time=\"0\">\n",
            report->started, cases, failing);
    properties_write(out, report);
    for (unsigned rule = 0; rule < RULES; rule++) {
        if (applies(report, (enum rule)rule))
            case_write(out, report, (enum rule)rule);
    }
    others_write(out, report);
    fputs("  </testsuite>\n", out);
    tests_write(out, report);
    fputs("</testsuites>\n", out);
}
