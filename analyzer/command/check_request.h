/* SPDX-License-Identifier: MIT */
/* Checking a run, as `ouro check` and `ouro run --check` do. */
#ifndef OURO_ANALYZER_CHECK_REQUEST_H
#define OURO_ANALYZER_CHECK_REQUEST_H

#include <stdbool.h>
#include <stdio.h>

struct check_request {
    const char *baseline, *config, *fail_on; /* NULL: none; the defaults */
    const char *output;                      /* NULL: everything goes to `out` */
    unsigned format;                         /* enum check_format */
    bool update;                             /* the run becomes the new baseline */
};

/* The formats, for a table of options. */
#define CHECK_FORMATS "text|json|markdown|junit|sarif|github|gitlab"

/* Exit codes and formats, for a help text. */
extern const char check_request_help[];

/*
 * Reads configuration and baseline before anything is recorded, so that a mistake in them is known at
 * once: returns EXIT_DONE, or EXIT_UNUSABLE after it has told the user why.
 */
int check_request_test(const struct check_request *request);

/*
 * Judges the run at path and writes the result: to the file `output` in the format asked for, and for
 * people to `out`; without an `output` in the format asked for to `out`. Returns EXIT_DONE, EXIT_GATE
 * when there are failures, EXIT_INCOMPLETE when the data does not allow a verdict, or EXIT_UNUSABLE
 * after it has told the user why.
 */
int check_request_perform(const struct check_request *request, const char *path, FILE *out);

#endif
