/* SPDX-License-Identifier: MIT */
#include "command/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/foreign_link.h"

FILE *output_file_open(const char *path)
{
    if (!path || strcmp(path, "-") == 0)
        return stdout;
    int descriptor = link_safe_open(path, O_WRONLY | O_CREAT | O_TRUNC);
    FILE *out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!out) {
        command_fail("%s: cannot be written: %s", path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
    }
    return out;
}

int output_file_close(FILE *out, const char *path, int status)
{
    if (out == stdout) /* main() looks after it */
        return status;
    bool failed = ferror(out) != 0;
    if ((fclose(out) != 0 || failed) && status != EXIT_UNUSABLE)
        status = command_fail("%s: cannot be written: %s", path, strerror(errno));
    return status;
}

int output_file_status(enum export_outcome outcome)
{
    static const int codes[] = {
        [EXPORT_DONE] = EXIT_DONE,
        [EXPORT_INCOMPLETE] = EXIT_INCOMPLETE,
        [EXPORT_FAILED] = EXIT_UNUSABLE,
    };
    return codes[outcome];
}
