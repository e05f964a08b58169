/* SPDX-License-Identifier: MIT */
#include "trace/trace_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "text/progress.h"

#define STEP_NS 10000000

bool trace_wait(const char *path, double *seconds)
{
    const struct timespec step = {0, STEP_NS};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return true;
    bool settled;
    /* Closing releases what this takes. */
    while (!(settled = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && *seconds > 0) {
        progress_update(0, 0);
        nanosleep(&step, NULL);
        *seconds -= STEP_NS / 1e9;
    }
    close(fd);
    return settled;
}
