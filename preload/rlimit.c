/* SPDX-License-Identifier: MIT */
#undef _FILE_OFFSET_BITS /* or setrlimit() would be another name of setrlimit64() */
#include "rlimit.h"

#include <errno.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"

#define EXPORTED __attribute__((visibility("default")))

/* What the hard limit is higher by, so that there is room for tables that are yet to come. */
#define HEADROOM (UINT64_C(4) << 30)

bool rlimit_widened;

/* asked.rlim_cur is RLIM_INFINITY where the kernel has what the program asked for. */
static struct widened {
    int resource;
    struct rlimit asked, given;
} widened[] = {
    {RLIMIT_AS, {RLIM_INFINITY, RLIM_INFINITY}, {0, 0}},
    {RLIMIT_DATA, {RLIM_INFINITY, RLIM_INFINITY}, {0, 0}},
};
enum { WIDENED = sizeof widened / sizeof *widened };

static int kernel(pid_t pid, int resource, const struct rlimit *set, struct rlimit *old)
{
    return (int)syscall(SYS_prlimit64, pid, resource, set, old);
}

static struct widened *of(pid_t pid, int resource)
{
    if (pid != 0 && pid != getpid())
        return NULL;
    for (unsigned i = 0; i < WIDENED; i++) {
        struct widened *w = &widened[i];
        if (w->resource == resource)
            return w;
    }
    return NULL;
}

static rlim_t more(rlim_t limit, uint64_t by)
{
    return limit > RLIM_INFINITY - by ? RLIM_INFINITY : limit + by;
}

static rlim_t less(rlim_t a, rlim_t b)
{
    return a < b ? a : b;
}

/* The limits as the program knows them. */
static int get(struct widened *w, struct rlimit *limit)
{
    int status = kernel(0, w->resource, NULL, limit);
    if (status == 0 && w->asked.rlim_cur != RLIM_INFINITY && limit->rlim_cur == w->given.rlim_cur &&
        limit->rlim_max == w->given.rlim_max)
        *limit = w->asked;
    return status;
}

static void know(void)
{
    bool any = false;
    for (unsigned i = 0; i < WIDENED; i++)
        any |= widened[i].asked.rlim_cur != RLIM_INFINITY;
    rlimit_widened = any;
}

static int set(struct widened *w, const struct rlimit *asked)
{
    uint64_t ours = memory_reserved();
    struct rlimit known, real;
    if (get(w, &known) < 0 || kernel(0, w->resource, NULL, &real) < 0)
        return -1;
    if (asked->rlim_cur > asked->rlim_max) {
        errno = EINVAL;
        return -1;
    }
    /* The kernel knows of a higher one that the program gave up. */
    if (w->asked.rlim_cur != RLIM_INFINITY && asked->rlim_max > known.rlim_max && geteuid() != 0) {
        errno = EPERM;
        return -1;
    }
    struct rlimit given = {more(asked->rlim_cur, ours), more(asked->rlim_max, ours + HEADROOM)};
    if (asked->rlim_max <= known.rlim_max)
        given.rlim_max = less(given.rlim_max, real.rlim_max);
    given.rlim_cur = less(given.rlim_cur, given.rlim_max);
    if (!ours || asked->rlim_cur == RLIM_INFINITY)
        given = *asked;
    int status = kernel(0, w->resource, &given, NULL);
    if (status == 0) {
        w->given = given;
        w->asked = given.rlim_cur != asked->rlim_cur
                       ? *asked
                       : (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
        know();
    }
    return status;
}

void rlimit_make_room(size_t size)
{
    int saved = errno;
    for (unsigned i = 0; i < WIDENED; i++) {
        struct widened *w = &widened[i];
        struct rlimit known, room = w->given;
        if (w->asked.rlim_cur == RLIM_INFINITY || get(w, &known) < 0 ||
            known.rlim_cur != w->asked.rlim_cur)
            continue;
        room.rlim_cur = less(more(w->asked.rlim_cur, memory_reserved() + size), w->given.rlim_max);
        if (kernel(0, w->resource, &room, NULL) == 0)
            w->given = room;
    }
    errno = saved;
}

void rlimit_before_exec(void)
{
    int saved = errno;
    for (unsigned i = 0; i < WIDENED; i++) {
        struct widened *w = &widened[i];
        if (w->asked.rlim_cur != RLIM_INFINITY) {
            /* The hard limit stays: it could not be had back. */
            const struct rlimit asked = {w->asked.rlim_cur, w->given.rlim_max};
            kernel(0, w->resource, &asked, NULL);
        }
    }
    errno = saved;
}

void rlimit_after_exec(void)
{
    int saved = errno;
    for (unsigned i = 0; i < WIDENED; i++) {
        struct widened *w = &widened[i];
        if (w->asked.rlim_cur != RLIM_INFINITY)
            kernel(0, w->resource, &w->given, NULL);
    }
    errno = saved;
}

/* Of another process, or another resource, the kernel is asked; limit and old may be NULL. */
static int change(pid_t pid, int resource, const struct rlimit *limit, struct rlimit *old)
{
    struct widened *w = of(pid, resource);
    if (!w)
        return kernel(pid, resource, limit, old);
    struct rlimit before;
    if (get(w, &before) < 0 || (limit && set(w, limit) < 0))
        return -1;
    if (old)
        *old = before;
    return 0;
}

_Static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "one function for both");

EXPORTED int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    return change(0, (int)resource, limit, NULL);
}

EXPORTED int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
    return change(0, (int)resource, (const struct rlimit *)limit, NULL);
}

EXPORTED int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
    return change(0, (int)resource, NULL, limit);
}

EXPORTED int getrlimit64(__rlimit_resource_t resource, struct rlimit64 *limit)
{
    return change(0, (int)resource, NULL, (struct rlimit *)limit);
}

EXPORTED int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *limit,
                     struct rlimit *old)
{
    return change(pid, (int)resource, limit, old);
}

EXPORTED int prlimit64(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *limit,
                       struct rlimit64 *old)
{
    return change(pid, (int)resource, (const struct rlimit *)limit, (struct rlimit *)old);
}
