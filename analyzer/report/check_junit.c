/* SPDX-License-Identifier: MIT */
/* JUnit XML: one case for each rule. What differs from call to call (times, the machine's name) is left
 * at zero, so that the same run gives the same bytes. */
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

struct sum {
    uint32_t failures, others;
};

static struct sum findings_of(const struct judgement *j, enum rule rule)
{
    struct sum sum = {0, 0};
    for (uint32_t i = 0; i < j->count; i++) {
        bool failure = *finding_state(&j->findings[i]) == 'f';
        sum.failures += j->findings[i].rule == rule && failure;
        sum.others += j->findings[i].rule == rule && !failure;
    }
    return sum;
}

/* The findings of a rule that fail, or those that do not. */
static void findings_write(FILE *out, const struct check_report *report, enum rule rule,
                           bool failures)
{
    const struct judgement *j = report->judgement;
    char words[FINDING_WORDS_SIZE];
    for (uint32_t i = 0; i < j->count; i++) {
        const struct finding *finding = &j->findings[i];
        if (finding->rule != rule || (*finding_state(finding) == 'f') != failures)
            continue;
        finding_words(report, finding, words, sizeof words);
        if (!failures)
            fprintf(out, "%s: ", finding_state(finding));
        xml_text(out, words);
        fputs("\n\n", out);
    }
}

static void case_write(FILE *out, const struct check_report *report, enum rule rule)
{
    const struct rule_info *info = rule_info(rule);
    struct sum sum = findings_of(report->judgement, rule);
    bool off = report->judgement->policy->levels[rule] == LEVEL_OFF ||
               (info->baseline && !report->baseline && !report->judgement->policy->most[rule]);
    fprintf(out, "    <testcase name=\"%s\" classname=\"ouro.check\" time=\"0\"", info->name);
    if (!off && !sum.failures && !sum.others) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    if (off && !sum.failures && !sum.others)
        fputs("      <skipped/>\n", out);
    if (sum.failures) {
        fprintf(out, "      <failure type=\"%s\" message=\"%" PRIu32 " finding%s: ", info->name,
                sum.failures, sum.failures == 1 ? "" : "s");
        xml_text(out, info->what);
        fputs("\">", out);
        findings_write(out, report, rule, true);
        fputs("</failure>\n", out);
    }
    if (sum.others) {
        fputs("      <system-out>", out);
        findings_write(out, report, rule, false);
        fputs("</system-out>\n", out);
    }
    fputs("    </testcase>\n", out);
}

void check_junit(FILE *out, const struct check_report *report)
{
    const struct judgement *j = report->judgement;
    uint32_t failing = 0, skipped = 0;
    for (unsigned rule = 0; rule < RULES; rule++) {
        struct sum sum = findings_of(j, (enum rule)rule);
        const struct rule_info *info = rule_info((enum rule)rule);
        failing += sum.failures != 0;
        skipped += !sum.failures && !sum.others &&
                   (j->policy->levels[rule] == LEVEL_OFF ||
                    (info->baseline && !report->baseline && !j->policy->most[rule]));
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
    fprintf(out,
            "<testsuites name=\"ouro\" tests=\"%u\" failures=\"%" PRIu32
            "\" errors=\"0\" time=\"0\">\n",
            (unsigned)RULES, failing);
    fputs("  <testsuite name=\"ouro check\" ", out);
    fprintf(out,
            "timestamp=\"%s\" hostname=\"localhost\" tests=\"%u\" failures=\"%" PRIu32
            "\" errors=\"0\" skipped=\"%" PRIu32 "\" time=\"0\" id=\"0\" package=\"ouro\">\n",
            report->started, (unsigned)RULES, failing, skipped);
    fputs("    <properties>\n      <property name=\"run\" value=\"", out);
    xml_text(out, report->run);
    fputs("\"/>\n    </properties>\n", out);
    for (unsigned rule = 0; rule < RULES; rule++)
        case_write(out, report, (enum rule)rule);
    fputs(
        "    <system-out></system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n",
        out);
}
