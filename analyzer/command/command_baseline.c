/* SPDX-License-Identifier: MIT */
/* ouro baseline */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "command/foreign_link.h"
#include "command/options.h"
#include "compare/baseline.h"
#include "compare/comparand.h"

int command_baseline(int argc, char **argv)
{
    const char *output = NULL;
    const struct option_spec options[] = {
        {"output", 'o', "FILE", "where to write it (default: standard output)", OPTION_TEXT,
         &output},
        {0},
    };
    const struct usage usage = {
        "baseline",
        "RUN...",
        "Writes what 'ouro check' compares a run with: a small JSON file to commit, one figure a\n"
        "line. Of several runs of the same program it has the range of each figure, so that what\n"
        "differs between them anyhow is no finding.",
        options,
        1,
        INT32_MAX,
        "Exit code 3: parts of a trace are damaged, or a run has no snapshot; nothing is written.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct digest digest = {0};
    char error[1024];
    if (first < 0)
        return status;
    status = EXIT_DONE;
    if (comparand_read(argv + first, (uint32_t)(argc - first), &digest, error, sizeof error) < 0) {
        status = command_fail("%s", error);
    } else if (digest.damaged || !(digest.known & 1u << DIGEST_ALIVE)) {
        command_fail("baseline: %s", digest.damaged ? "the data is damaged or does not add up"
                                                    : "a run has no whole snapshot");
        status = EXIT_INCOMPLETE;
    } else {
        FILE *out = stdout;
        errno = EPERM;
        if (output)
            out = link_is_foreign(output) ? NULL : fopen(output, "we");
        bool failed = !out || baseline_write(out, &digest) < 0;
        int problem = errno;
        if (out && output && fclose(out) != 0) {
            failed = true;
            problem = errno;
        }
        if (failed)
            status = command_fail("%s: cannot be written: %s", output ? output : "the baseline",
                                  strerror(problem));
    }
    digest_free(&digest);
    return status;
}
