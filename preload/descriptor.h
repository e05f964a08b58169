/* SPDX-License-Identifier: MIT */
/* Descriptors of the libraries' own, where they are not in a program's way. */
#ifndef OURO_DESCRIPTOR_H
#define OURO_DESCRIPTOR_H

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Moves a descriptor out of the range that programs count on, where it is closed by exec. Returns its
 * new number; the old one where there is no room.
 */
static inline int descriptor_raise(int descriptor)
{
    struct rlimit limit;
    int floor = 512;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1024) /* unlimited: is more */
        floor = (int)(limit.rlim_cur > 8 ? limit.rlim_cur - 8 : 0);
    int raised = fcntl(descriptor, F_DUPFD_CLOEXEC, floor);
    if (raised < 0)
        return descriptor;
    close(descriptor);
    return raised;
}

#endif
