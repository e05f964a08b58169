/* SPDX-License-Identifier: MIT */
/* Private to the formats of `ouro check`: the words of findings and allowances, and the formats. */
#ifndef OURO_ANALYZER_CHECK_PARTS_H
#define OURO_ANALYZER_CHECK_PARTS_H

#include "report/check.h"

#define FINDING_WORDS_SIZE 4096

/* What a finding says in one line: "cycle:9f3c…: 150 cycles, 52.0 KiB, not in the baseline". */
void finding_title(const struct check_report *report, const struct finding *finding, char *text,
                   size_t size);

/* All that is known of it, in lines. */
void finding_words(const struct check_report *report, const struct finding *finding, char *text,
                   size_t size);

/* "allowed", "failure" or "warning" */
const char *finding_state(const struct finding *finding);

/* Whether the finding has a line in the source that can be shown. */
bool finding_has_line(const struct finding *finding);

/* What an allowance is about: "new-cycle cycle:*". */
void allowance_words(const struct allowance *allowance, char *text, size_t size);

void check_text(FILE *out, const struct check_report *report, bool utf8);
void check_markdown(FILE *out, const struct check_report *report);
void check_junit(FILE *out, const struct check_report *report);
void check_github(FILE *out, const struct check_report *report);
int check_json(FILE *out, const struct check_report *report);
int check_sarif(FILE *out, const struct check_report *report);
int check_gitlab(FILE *out, const struct check_report *report);

#endif
