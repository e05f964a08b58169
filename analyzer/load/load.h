/* SPDX-License-Identifier: MIT */
/*
 * From a run on disk to the model: opens a run folder or a single trace, reads every chunk of it and
 * fills struct run. Knows the trace format through the chunk reader and cursors only.
 */
#ifndef OURO_ANALYZER_LOAD_H
#define OURO_ANALYZER_LOAD_H

#include <stddef.h>

#include "model/model.h"

/*
 * Opens the run at path: a folder, of which every *.trace file is read, or one trace file.
 *
 * Returns 0 and stores the run, which the caller releases with run_free(). Data that is only partly
 * there is loaded and flagged in the model (process.truncated, chunks_damaged, snapshot.whole, …).
 *
 * Returns -1 when nothing can be loaded (no such file, not a trace, an empty folder, a newer version,
 * damage from the start, no memory) and puts one line without a newline into error that names what
 * and which file; *run is NULL then.
 */
int run_open(const char *path, struct run **run, char *error, size_t error_size);

/*
 * Which snapshot of each process is loaded. Of the others the model has what their beginning and their
 * end say, and no objects: the memory needed is that of one. What a collection was about to free is
 * never chosen.
 */
struct snapshot_choice {
    enum { SNAPSHOT_LAST, SNAPSHOT_FIRST, SNAPSHOT_NUMBERED, SNAPSHOT_NONE } which;
    uint32_t number; /* of NUMBERED; a process that has none of that number gets none */
};

/* run_open() chooses the last whole one; this one as it is told. */
int run_open_at(const char *path, struct snapshot_choice choice, struct run **run, char *error,
                size_t error_size);

/*
 * Looks at the first chunk of a trace only. Returns 0 when this version can read the trace, else -1
 * with one line in error, as run_open() says it.
 */
int trace_check(const char *path, char *error, size_t error_size);

#endif
