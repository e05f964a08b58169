/* SPDX-License-Identifier: MIT */
/* What C code has from malloc, as figures that can be compared. */
#ifndef OURO_ANALYZER_DIGEST_NATIVE_H
#define OURO_ANALYZER_DIGEST_NATIVE_H

#include "compare/digest.h"
#include "compare/source_lines.h"
#include "report/report.h"

/*
 * Adds DIGEST_NATIVE and the total of a process whose native memory was recorded. The key is the C
 * function that asked for the memory and its library, neither of which needs debug information; the place
 * is the program's line of Python, or the C line where there is no Python frame. Estimates of a sample
 * become the ranges in which they lie all but once in 300 times. Native leaks are DIGEST_LEAK, in the same
 * way; those that are only possible are left out. Returns 0, or -1 without memory.
 */
int digest_add_native(const struct report *report, const struct source_lines *lines,
                      struct digest *digest);

#endif
