/* SPDX-License-Identifier: MIT */
#include "text/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *what; /* NULL: no work, or nobody watches */
    double next;      /* time of the next update, s */
    double part, parts;
    bool shown;
} progress;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(const char *what)
{
    progress_end();
    if (!isatty(STDERR_FILENO))
        return;
    progress.what = what;
    progress.next = now() + 1.0;
    progress_part(0, 1);
}

void progress_part(uint64_t part, uint64_t parts)
{
    progress.part = (double)part;
    progress.parts = (double)parts;
}

void progress_update(uint64_t done, uint64_t total)
{
    if (!progress.what || now() < progress.next)
        return;
    double share = (progress.part + (total ? (double)done / (double)total : 0)) / progress.parts;
    fprintf(stderr, "\r\033[K%s …", progress.what);
    if (total)
        fprintf(stderr, " %.0f %%", share * 100);
    fflush(stderr);
    progress.shown = true;
    progress.next = now() + 0.2;
}

void progress_end(void)
{
    if (progress.shown)
        fputs("\r\033[K", stderr);
    progress.what = NULL;
    progress.shown = false;
}
