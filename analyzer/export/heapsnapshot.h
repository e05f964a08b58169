/* SPDX-License-Identifier: MIT */
/*
 * A snapshot in the format that Chrome's DevTools and memlab open: V8's .heapsnapshot, one JSON object
 * with columns of numbers and a list of strings they refer to. docs/export.md says what of Python's
 * heap is what in it.
 *
 * Retained sizes that a viewer calculates are those of `ouro retained`, because the graph is the one
 * that these are calculated from: references that hold nothing are weak, the roots are below the first
 * node, and what is dead hangs from a node of its own.
 */
#ifndef OURO_ANALYZER_HEAPSNAPSHOT_H
#define OURO_ANALYZER_HEAPSNAPSHOT_H

#include "export/export.h"

/* A format of export.h. */
int heapsnapshot_write(FILE *out, const struct export_request *request, char *error,
                       size_t error_size);

#endif
