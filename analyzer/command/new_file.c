/* SPDX-License-Identifier: MIT */
#include "command/new_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/foreign_link.h"

int new_file_open(struct new_file *file, const char *path)
{
    struct stat status;
    *file = (struct new_file){.path = strdup(path)};
    if (!file->path)
        return -1;
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        if (link_is_foreign(path)) {
            errno = EPERM;
            return -1;
        }
        file->out = fopen(path, "we"); /* a pipe, /dev/stdout, a link */
        return file->out ? 0 : -1;
    }
    if (asprintf(&file->temporary, "%s.XXXXXX", path) < 0) {
        file->temporary = NULL;
        return -1;
    }
    int descriptor = mkstemp(file->temporary);
    if (descriptor < 0) {
        free(file->temporary);
        file->temporary = NULL;
        return -1;
    }
    /* As fopen() would have made it, not private as mkstemp() does. */
    mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);
    file->out = fdopen(descriptor, "w");
    if (!file->out)
        close(descriptor);
    return file->out ? 0 : -1;
}

int new_file_commit(struct new_file *file)
{
    FILE *out = file->out;
    file->out = NULL;
    if (fclose(out) != 0)
        return -1;
    if (file->temporary && rename(file->temporary, file->path) != 0)
        return -1;
    free(file->temporary);
    file->temporary = NULL;
    free(file->path);
    file->path = NULL;
    return 0;
}

void new_file_discard(struct new_file *file)
{
    int problem = errno;
    if (file->out)
        fclose(file->out);
    if (file->temporary)
        unlink(file->temporary);
    free(file->temporary);
    free(file->path);
    *file = (struct new_file){0};
    errno = problem;
}
