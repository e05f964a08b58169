/* SPDX-License-Identifier: MIT */
/* Limits as people write them: "5%", "100", "10MiB". */
#ifndef OURO_ANALYZER_LIMIT_TEXT_H
#define OURO_ANALYZER_LIMIT_TEXT_H

#include "compare/tolerance.h"

/* A size: "512", "64k", "10MiB". */
bool limit_text_bytes(const char *text, uint64_t *bytes);

/*
 * How much more is no finding yet: a share ("5%") of what there was, a number of objects ("100"), or
 * a size with its unit ("10MiB"). A figure whose rule had no such limit gets one.
 */
bool limit_text_more(const char *text, struct tolerance *tolerance);

#endif
