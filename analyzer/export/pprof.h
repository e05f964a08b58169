/* SPDX-License-Identifier: MIT */
/*
 * A profile as pprof reads it: profile.proto (the message `Profile`), compressed. docs/export.md says
 * what is in which field.
 */
#ifndef OURO_ANALYZER_PPROF_H
#define OURO_ANALYZER_PPROF_H

#include "export/export.h"

/* A format of export.h. */
int pprof_write(FILE *out, const struct export_request *request, char *error, size_t error_size);

/* How long the recording took, ns: to its end, or to what is known last. */
uint64_t pprof_duration(const struct process *process);

#endif
