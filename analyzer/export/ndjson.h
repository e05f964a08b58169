/* SPDX-License-Identifier: MIT */
/*
 * Records of a trace as newline-delimited JSON: one object a line, names and numbers resolved, so that
 * jq, a data frame or a ten-line script can go on from there. Clocks and sizes are bytes, times
 * seconds. docs/export.md lists the keys.
 */
#ifndef OURO_ANALYZER_NDJSON_H
#define OURO_ANALYZER_NDJSON_H

#include <stdio.h>

#include "export/export.h"

/* A format of export.h. */
int ndjson_write(FILE *out, const struct export_request *request, char *error, size_t error_size);

/* Its parts. Every function writes to out, whose errors are the caller's to look for. */
void ndjson_sites(FILE *out, const struct process *process);
void ndjson_epochs(FILE *out, const struct process *process);
/* class is that of struct garbage, a byte per object. */
void ndjson_objects(FILE *out, const struct process *process, const struct snapshot *snapshot,
                    const uint8_t *class);
void ndjson_edges(FILE *out, const struct snapshot *snapshot);

/*
 * Lives are read from the trace once more, one chunk at a time. Returns 0; 1 when damage cost some of
 * them; -1 with one line in error when the trace cannot be read any more.
 */
int ndjson_lives(FILE *out, const struct process *process, char *error, size_t error_size);

#endif
