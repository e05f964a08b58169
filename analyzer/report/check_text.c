/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "report/change_words.h"
#include "report/check_parts.h"
#include "report/page.h"
#include "text/human.h"

/* Findings of a rule that are shown in full; the rest are counted. */
#define SHOWN 20u

static void lines_write(const struct page *page, bool utf8, const char *label, const char *words)
{
    char plain[FINDING_WORDS_SIZE + 256];
    words_plain(words, utf8, plain, sizeof plain);
    for (char *line = plain, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        page_wrap(page, label, line);
        label = "         ";
    }
}

static void findings_write(const struct page *page, const struct check_report *report, bool utf8)
{
    const struct judgement *j = report->judgement;
    uint32_t of_rule = 0, hidden = 0;
    for (uint32_t i = 0; i < j->count; i++) {
        const struct finding *finding = &j->findings[i];
        char label[16], words[FINDING_WORDS_SIZE];
        of_rule = i && finding->rule == j->findings[i - 1].rule ? of_rule + 1 : 0;
        if (of_rule >= SHOWN) {
            hidden++;
            continue;
        }
        const char *state = finding_state(finding);
        snprintf(label, sizeof label, "%-9s",
                 *state == 'f'   ? "FAILURE"
                 : *state == 'w' ? "warning"
                                 : "allowed");
        fprintf(page->out, "\n%s%s\n", label, rule_info(finding->rule)->name);
        finding_words(report, finding, words, sizeof words);
        lines_write(page, utf8, "         ", words);
    }
    if (hidden)
        fprintf(page->out, "\nand %s more findings (--format json lists them)\n",
                human_count(hidden).text);
}

static void allowances_write(const struct page *page, const struct policy *policy)
{
    for (uint32_t i = 0; i < policy->allowance_count; i++) {
        const struct allowance *a = &policy->allowances[i];
        char about[512], words[1024], state[64];
        if (a->expired)
            snprintf(state, sizeof state, "expired on %s, covers nothing", a->expires);
        else if (a->hits)
            snprintf(state, sizeof state, "covers %" PRIu32, a->hits);
        else
            snprintf(state, sizeof state, "unused");
        allowance_words(a, about, sizeof about);
        snprintf(words, sizeof words, "%s: %s (%s)", about, state, a->reason);
        if (!i)
            fputs("\nALLOWANCES\n", page->out);
        page_wrap(page, "  ", words);
    }
}

void check_text(FILE *out, const struct check_report *report, bool utf8)
{
    const struct judgement *j = report->judgement;
    struct page page = page_make(out, NULL, utf8);
    char words[1024];
    snprintf(words, sizeof words, "%s%s%s", report->run,
             report->baseline ? " against " : ", without a baseline",
             report->baseline ? report->baseline : "");
    page_wrap(&page, "OURO CHECK   ", words);
    if (j->baseline) {
        snprintf(words, sizeof words, "%s; the baseline has %s run%s; %s line%s moved by edits",
                 *j->run->runtime ? j->run->runtime : "several interpreters",
                 human_count(j->baseline->runs).text, j->baseline->runs == 1 ? "" : "s",
                 human_count(j->difference.moved).text, j->difference.moved == 1 ? "" : "s");
        page_wrap(&page, "  ", words);
    }
    if (j->baseline && strcmp(j->baseline->runtime, j->run->runtime) != 0) {
        snprintf(words, sizeof words,
                 "the baseline was made with %s, this run with %s: lines of libraries differ",
                 *j->baseline->runtime ? j->baseline->runtime : "several interpreters",
                 *j->run->runtime ? j->run->runtime : "several interpreters");
        page_wrap(&page, "NOTE  ", words);
    }
    if (j->run->sampled)
        page_wrap(&page, "NOTE  ",
                  "allocations are sampled: most objects have no line, and the rules about lines "
                  "see little");
    for (uint32_t i = 0; i < j->run->notice_count; i++)
        page_wrap(&page, "NOTE  ", j->run->notices[i]);
    findings_write(&page, report, utf8);
    allowances_write(&page, j->policy);
    snprintf(words, sizeof words, "%s: %s failure%s, %s warning%s, %s allowed%s",
             report->updated ? "new baseline written"
             : j->failures   ? "FAILED"
                             : "passed",
             human_count(j->failures).text, j->failures == 1 ? "" : "s",
             human_count(j->warnings).text, j->warnings == 1 ? "" : "s",
             human_count(j->allowed).text, j->unused ? ", unused allowances" : "");
    fputc('\n', out);
    page_wrap(&page, "", words);
}
