/* SPDX-License-Identifier: MIT */
/* Graphs for Graphviz: leaked cycles, or the paths to what keeps most of the heap. report/ draws them. */
#ifndef OURO_ANALYZER_EXPORT_DOT_H
#define OURO_ANALYZER_EXPORT_DOT_H

#include "export/export.h"

/* A format of export.h. */
int dot_write(FILE *out, const struct export_request *request, char *error, size_t error_size);

#endif
