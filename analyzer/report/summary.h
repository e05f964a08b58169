/* SPDX-License-Identifier: MIT */
/*
 * What `ouro run` prints when the program has ended: one screen, at most SUMMARY_LINES lines of 80
 * columns.
 */
#ifndef OURO_ANALYZER_SUMMARY_H
#define OURO_ANALYZER_SUMMARY_H

#include <stdio.h>

#include "model/model.h"

#define SUMMARY_LINES 25

/* run_path is how the user can name the run. Returns 0, or -1 without memory. */
int summary_print(FILE *out, const struct run *run, const char *run_path);

#endif
