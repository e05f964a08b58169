/* SPDX-License-Identifier: MIT */
#include "command/foreign_link.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool link_is_foreign(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid != 0 &&
           status.st_uid != geteuid();
}

int link_safe_open(const char *path, int flags)
{
    int descriptor = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor >= 0 || errno != ELOOP)
        return descriptor;
    /* A link of ours, as /dev/stdout is one of root's, may be followed. */
    if (link_is_foreign(path)) {
        errno = EPERM;
        return -1;
    }
    return open(path, flags | O_CLOEXEC, 0600);
}
