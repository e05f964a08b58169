/* SPDX-License-Identifier: MIT */
/* What the user may have meant by a word that is not known. */
#ifndef OURO_ANALYZER_SUGGEST_H
#define OURO_ANALYZER_SUGGEST_H

#include <stddef.h>

/*
 * The candidate closest to word, or NULL when none is close: at most a third of its letters, but two
 * at least for words above three, inserted, left out, replaced, or swapped with their neighbour.
 */
const char *suggest(const char *word, const char *const *candidates, size_t count);

#endif
