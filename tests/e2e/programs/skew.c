/* A wall clock that somebody sets whenever it is read: by SKEW seconds, or an hour back. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    static time_t skew;
    const char *step = getenv("SKEW");
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, time);
    if (clock == CLOCK_REALTIME)
        time->tv_sec += skew += step ? atol(step) : -3600;
    return status;
}
