/* SPDX-License-Identifier: MIT */
/*
 * A profile for viewers that draw call stacks and nothing else: types are not told apart.
 */
#ifndef OURO_ANALYZER_STACKS_H
#define OURO_ANALYZER_STACKS_H

#include "export/export.h"

/* Formats of export.h. For speedscope: a profile for each measure that is not all zero. */
int speedscope_write(FILE *out, const struct export_request *request, char *error,
                     size_t error_size);
/*
 * Collapsed stacks of one measure, as flame graphs are drawn from: `outer;…;inner NUMBER` a line. A
 * frame is `function (file:line)`; a semicolon in it becomes a colon.
 */
int collapsed_write(FILE *out, const struct export_request *request, char *error,
                    size_t error_size);

#endif
