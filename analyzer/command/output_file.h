/* SPDX-License-Identifier: MIT */
/* Where exports go: a file for its owner only, or standard output. */
#ifndef OURO_ANALYZER_OUTPUT_FILE_H
#define OURO_ANALYZER_OUTPUT_FILE_H

#include <stdio.h>

#include "export/export.h"

/* The file to write to: stdout for NULL and "-". What a trace holds is the program's, so nobody else
 * may read what becomes of it. NULL: told the user why not. */
FILE *output_file_open(const char *path);

/* Closes it. Returns status, or EXIT_UNUSABLE after it has told the user what could not be written. */
int output_file_close(FILE *out, const char *path, int status);

/* The exit code that goes with what a format returned. */
int output_file_status(enum export_outcome outcome);

#endif
