/* SPDX-License-Identifier: MIT */
/* Time in nanoseconds. */
#ifndef OURO_CLOCK_H
#define OURO_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_now(clockid_t clock)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(clock, &t); /* cannot fail for a clock that exists */
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
