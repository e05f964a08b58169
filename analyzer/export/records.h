/* SPDX-License-Identifier: MIT */
/*
 * What a trace holds as records, names and numbers resolved, so that jq, a data frame or a ten-line
 * script can go on from there. Clocks and sizes are bytes, times seconds. docs/export.md lists the
 * fields, record.h writes them.
 */
#ifndef OURO_ANALYZER_RECORDS_H
#define OURO_ANALYZER_RECORDS_H

#include <stdio.h>

#include "export/export.h"
#include "export/record.h"

/* Formats of export.h. */
int ndjson_write(FILE *out, const struct export_request *request, char *error, size_t error_size);
int csv_write(FILE *out, const struct export_request *request, char *error, size_t error_size);

/* Their parts. Every function writes to out, whose errors are the caller's to look for. */
void records_sites(FILE *out, enum record_form form, const struct process *process);
void records_epochs(FILE *out, enum record_form form, const struct process *process);
/* class is that of struct garbage, a byte per object. */
void records_objects(FILE *out, enum record_form form, const struct process *process,
                     const struct snapshot *snapshot, const uint8_t *class);
void records_edges(FILE *out, enum record_form form, const struct snapshot *snapshot);

/*
 * Lives are read from the trace once more, one chunk at a time. Returns 0; 1 when damage cost some of
 * them; -1 with one line in error when the trace cannot be read any more.
 */
int records_lives(FILE *out, enum record_form form, const struct process *process, char *error,
                  size_t error_size);

/*
 * Native memory by mixed stack. Returns 0; 1 when the trace is damaged; -1 with one line in error.
 */
int records_native(FILE *out, enum record_form form, const struct export_request *request,
                   char *error, size_t error_size);

/*
 * What a run of one or more processes is compared by, with the run's identity in each record, so that the
 * records of many runs are one table; findings and totals only, or all. Returns 0; 1 when the run is
 * damaged; -1 without memory.
 */
int records_fleet(FILE *out, enum record_form form, const struct run *run, bool findings);

/* Fills the fields "site", "file", "line" and "function". */
void record_place(struct cell cells[4], const struct process *process, uint32_t site);

#endif
