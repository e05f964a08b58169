/* SPDX-License-Identifier: MIT */
/*
 * A digest as a file to commit: canonical JSON (docs/baseline.schema.json), sorted, one item a line, so
 * that a change of it can be reviewed. Holds what `ouro check` judges, without what is too small to
 * matter. The same digest gives the same bytes.
 */
#ifndef OURO_ANALYZER_BASELINE_H
#define OURO_ANALYZER_BASELINE_H

#include <stdio.h>

#include "compare/digest.h"

/* The subjects in it. */
#define BASELINE_KNOWN                                                                    \
    (1u << DIGEST_TOTAL | 1u << DIGEST_CYCLE | 1u << DIGEST_HELD | 1u << DIGEST_SUSPECT | \
     1u << DIGEST_TEST | 1u << DIGEST_ALIVE | 1u << DIGEST_MADE | 1u << DIGEST_TYPE |     \
     1u << DIGEST_DUPLICATES | 1u << DIGEST_NATIVE | 1u << DIGEST_LEAK |                  \
     1u << DIGEST_NATIVE_SUSPECT)

/* Items with fewer objects and fewer bytes are left out. */
struct digest_least baseline_least(enum digest_subject subject);

/* Returns 0, or -1 without memory or when out does not take it. */
int baseline_write(FILE *out, const struct digest *digest);

/*
 * Reads a baseline into a sorted digest. Returns 0; or -1 with one line in error that names the file
 * and what is wrong, with its line or key. Released by digest_free() either way.
 */
int baseline_read(const char *path, struct digest *digest, char *error, size_t error_size);

/* Whether a file looks like a baseline rather than a trace: it begins with a brace. */
bool baseline_is(const char *path);

#endif
