/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "report/change_words.h"
#include "report/check_parts.h"
#include "report/markdown.h"
#include "text/human.h"

/* Beyond so many findings a comment is not read. */
#define SHOWN 50u

static void finding_row(FILE *out, const struct check_report *report, const struct finding *finding)
{
    const struct digest_item *item = finding->change.after;
    char words[2 * CHANGE_WORDS_SIZE];
    const char *state = finding_state(finding);
    uint32_t from = change_moved_from(&finding->change);
    fprintf(out, "| %s %s | ", *state == 'f' ? "**failure**" : state,
            rule_info(finding->rule)->name);
    finding_title(report, finding, words, sizeof words);
    markdown_text(out, words);
    fputs(" | ", out);
    place_words(item, words);
    if (*words)
        markdown_code_cell(out, words);
    if (from)
        fprintf(out, " (moved from line %" PRIu32 ")", from);
    fputs(" | ", out);
    if (*item->detail)
        markdown_code_cell(out, item->detail);
    if (finding->change.resembles) {
        fputs(" resembles ", out);
        markdown_text(out, finding->change.resembles);
    }
    if (*item->hint) {
        fputs(*item->detail ? "; " : "", out);
        markdown_text(out, item->hint);
    }
    fputs(" |\n", out);
}

void check_markdown(FILE *out, const struct check_report *report)
{
    const struct judgement *j = report->judgement;
    fprintf(out, "## Memory check: %s\n\n", j->failures ? "failed" : "passed");
    markdown_code(out, report->run);
    if (report->baseline) {
        fputs(" against ", out);
        markdown_code(out, report->baseline);
    } else {
        fputs(" without a baseline", out);
    }
    fprintf(out, ": %s failure%s, %s warning%s, %s allowed.\n", human_count(j->failures).text,
            j->failures == 1 ? "" : "s", human_count(j->warnings).text, j->warnings == 1 ? "" : "s",
            human_count(j->allowed).text);
    for (uint32_t i = 0; i < j->run->notice_count; i++) {
        fputs("\n> ", out);
        markdown_text(out, j->run->notices[i]);
        fputc('\n', out);
    }
    if (j->count)
        fputs("\n| rule | what | where | why |\n|---|---|---|---|\n", out);
    for (uint32_t i = 0; i < j->count && i < SHOWN; i++)
        finding_row(out, report, &j->findings[i]);
    if (j->count > SHOWN)
        fprintf(out, "\nAnd %s more.\n", human_count(j->count - SHOWN).text);
    for (uint32_t i = 0, first = 1; i < j->policy->allowance_count; i++) {
        const struct allowance *a = &j->policy->allowances[i];
        char about[512];
        if (a->hits && !a->expired)
            continue;
        allowance_words(a, about, sizeof about);
        fputs(first ? "\n* " : "* ", out);
        first = 0;
        fputs(a->expired ? "expired allowance: " : "unused allowance: ", out);
        markdown_code(out, about);
        fputs(" (", out);
        markdown_text(out, a->reason);
        fputs(")\n", out);
    }
}
