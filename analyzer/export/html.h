/* SPDX-License-Identifier: MIT */
/*
 * A report to look at: one HTML file that needs nothing else, of the frame in html/ (bundled at
 * html/frame.html) and data in elements of type application/json. docs/export.md names them.
 */
#ifndef OURO_ANALYZER_HTML_H
#define OURO_ANALYZER_HTML_H

#include "export/export.h"
#include "report/diff.h"

/* A format of export.h. */
int html_write(FILE *out, const struct export_request *request, char *error, size_t error_size);

/*
 * Two runs, or ranges of several, compared: the changes, and a flame graph of the first run of each
 * side with all its processes, unless that is a baseline. Returns as a format does.
 */
int html_diff_write(FILE *out, const struct difference *difference, const struct diff_names *names,
                    char *error, size_t error_size);

#endif
