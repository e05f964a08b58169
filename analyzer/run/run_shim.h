/* SPDX-License-Identifier: MIT */
/* Where the shim is, and the environment that puts it into a program. */
#ifndef OURO_ANALYZER_RUN_SHIM_H
#define OURO_ANALYZER_RUN_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shim_request {
    const char *folder; /* absolute: where to record */
    bool values;        /* previews and plain hashes of values */
    bool verbose;
    bool snapshot;              /* at exit */
    bool lives;                 /* one record for each life */
    uint64_t sample;            /* mean bytes between samples; 0: every block */
    uint64_t native;            /* mean bytes between samples of native memory; 0: not recorded */
    uint64_t seed;              /* of the sample; 0: another one each time */
    uint64_t epoch;             /* least bytes between epochs; 0: the shim's own choice */
    const char *snapshot_every; /* seconds between snapshots, in decimals; NULL: none */
    const char *gc_shapes; /* percentage of the run's time; NULL: collections are not looked at */
    uint64_t snapshot_growth; /* bytes that the heap grows between snapshots; 0: none */
    bool snapshot_marks;      /* one at the end of each test */
};

/*
 * Finds libouro.so: beside the running `ouro` (a build tree), in the library folder beside its own
 * (an installation that was moved), or where it was configured to be installed. Returns its absolute
 * path, freed by the caller, or NULL with one line in error. A path that LD_PRELOAD cannot carry
 * (spaces and colons separate its entries) is an error, too.
 */
char *shim_find(char *error, size_t error_size);

/*
 * Sets LD_PRELOAD (shim first, what was there after it) and OURO_* in this process's environment, for
 * the program to inherit. Returns 0, or -1 when there is no memory.
 */
int shim_environment(const char *shim, const struct shim_request *request);

/* Whether the library that --native preloads is beside the shim; if not, says so in error. */
bool shim_has_native(const char *shim, char *error, size_t error_size);

#endif
