/* SPDX-License-Identifier: MIT */
/*
 * The digest for a new baseline in place of an old one: what has neither changed beyond noise nor
 * been found fault with keeps its old figures, or its absence, so that only what changed differs in
 * the file, and a check against the new baseline finds nothing.
 */
#ifndef OURO_ANALYZER_RENEWAL_H
#define OURO_ANALYZER_RENEWAL_H

#include "compare/judge.h"

/* judgement has a baseline. Returns 0, or -1 without memory; renewed is released by digest_free()
 * either way. */
int renewal_make(const struct judgement *judgement, struct digest *renewed);

#endif
