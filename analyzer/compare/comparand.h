/* SPDX-License-Identifier: MIT */
/* What is compared, as it is named on a command line: runs, traces, or baselines. */
#ifndef OURO_ANALYZER_COMPARAND_H
#define OURO_ANALYZER_COMPARAND_H

#include "compare/digest.h"

/*
 * Reads what is at `count` paths into one digest: figures of several are ranges. Returns 0, or -1
 * with one line in error. Released by digest_free() either way.
 */
int comparand_read(char *const *paths, uint32_t count, struct digest *digest, char *error,
                   size_t error_size);

#endif
