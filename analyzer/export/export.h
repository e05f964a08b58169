/* SPDX-License-Identifier: MIT */
/*
 * The formats `ouro export` writes: each has a row in the table of export.c and a file of its own.
 * A format is written from one process of a run, and from one snapshot of it where the format is
 * about objects.
 */
#ifndef OURO_ANALYZER_EXPORT_H
#define OURO_ANALYZER_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "model/model.h"

/* What is to be written. */
struct export_request {
    const struct run *run;
    const struct process *process;
    const struct snapshot *snapshot; /* the chosen one, or NULL: there is none that is whole */
    const char *what;                /* one of the format's `what`, or NULL if it has none */
    bool sources;                    /* lines of source files may be written */
};

enum export_outcome {
    EXPORT_DONE,
    EXPORT_INCOMPLETE, /* parts of the trace turned out damaged, and are missing */
    EXPORT_FAILED,     /* error has one line for the user */
};

struct export_format {
    const char *name;
    const char *help;           /* one line */
    const char *what;           /* choices of --what, split at '|'; NULL: the format takes none */
    const char *needs_snapshot; /* those of `what` that are of a heap; "" for all; NULL for none */
    bool what_default;          /* the first is taken where --what was not given */
    bool binary;                /* not for a terminal */

    /*
     * One of both. To an open file, whose errors are the caller's to look for; or to the file at
     * path, which exists, is empty and nobody else's, for formats that a library writes. Returns
     * an enum export_outcome.
     */
    int (*write)(FILE *out, const struct export_request *request, char *error, size_t error_size);
    int (*write_file)(const char *path, const struct export_request *request, char *error,
                      size_t error_size);
};

/* Whether one of `what`, or NULL, is of native memory: the process must have some recorded. */
bool export_is_native(const char *what);

/* All formats, in the order in which help names them; the row after the last has no name. */
extern const struct export_format export_formats[];

#endif
