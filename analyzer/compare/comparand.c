/* SPDX-License-Identifier: MIT */
#include "compare/comparand.h"

#include <stdio.h>
#include <stdlib.h>

#include "compare/baseline.h"
#include "compare/digest_report.h"
#include "load/load.h"
#include "text/progress.h"

static int read_one(const char *path, struct digest *digest, char *error, size_t error_size)
{
    struct run *run;
    if (baseline_is(path))
        return baseline_read(path, digest, error, error_size);
    if (run_open(path, &run, error, error_size) < 0)
        return -1;
    progress_begin("analyzing");
    int status = digest_of_run(run, digest);
    progress_end();
    if (status < 0)
        snprintf(error, error_size, "%s: not enough memory", path);
    run_free(run);
    return status;
}

int comparand_read(char *const *paths, uint32_t count, struct digest *digest, char *error,
                   size_t error_size)
{
    struct digest *parts = calloc(count, sizeof *parts);
    int status = parts ? 0 : -1;
    *digest = (struct digest){0};
    if (status < 0)
        snprintf(error, error_size, "not enough memory");
    for (uint32_t i = 0; status == 0 && i < count; i++)
        status = read_one(paths[i], &parts[i], error, error_size);
    if (status == 0 && (status = digest_join(parts, count, DIGEST_SPREAD, digest)) < 0)
        snprintf(error, error_size, "not enough memory");
    for (uint32_t i = 0; parts && i < count; i++)
        digest_free(&parts[i]);
    free(parts);
    return status;
}
