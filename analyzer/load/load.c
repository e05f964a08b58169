/* SPDX-License-Identifier: MIT */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/loader.h"
#include "structure/arena.h"
#include "text/progress.h"
#include "trace/run_files.h"
#include "trace/trace_wait.h"

/* How long to wait for snapshots that are still being written, in all. */
#define WAIT_SECONDS 30.0

/* A process and how many generations above it have a trace here. */
struct place {
    struct process process;
    uint32_t depth;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    if (x->process.wall != y->process.wall)
        return x->process.wall < y->process.wall ? -1 : 1;
    return strcmp(x->process.file, y->process.file);
}

/* Index of the process with that trace, by bisection (names are ascending); count if none has it. */
static uint32_t find_process(const struct run *run, const char *file)
{
    uint32_t low = 0, high = run->process_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(run->processes[middle].file, file);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return run->process_count;
}

/*
 * Orders the processes: parents before children, then by start. They come in the order of their
 * names. Links that form a ring, which only a forged run has, are cut where they are noticed.
 */
static bool order_processes(struct run *run)
{
    uint32_t count = run->process_count;
    struct place *places = calloc(count, sizeof *places);
    uint32_t *parent = calloc(count, sizeof *parent), *chain = calloc(count, sizeof *chain);
    bool ok = places && parent && chain;
    for (uint32_t i = 0; ok && i < count; i++) {
        places[i] = (struct place){run->processes[i], NO_ID};
        parent[i] = find_process(run, run->processes[i].parent_trace);
    }
    for (uint32_t i = 0; ok && i < count; i++) {
        uint32_t length = 0, at = i;
        for (; at < count && places[at].depth == NO_ID && length < count; at = parent[at])
            chain[length++] = at;
        uint32_t depth = at < count && places[at].depth != NO_ID ? places[at].depth + 1 : 0;
        while (length > 0)
            places[chain[--length]].depth = depth++;
    }
    if (ok) {
        qsort(places, count, sizeof *places, compare_places);
        for (uint32_t i = 0; i < count; i++)
            run->processes[i] = places[i].process;
    }
    free(places);
    free(parent);
    free(chain);
    return ok;
}

/* Adds a trace to the run. A file that cannot be loaded is noted in run->problems. */
static bool add_trace(struct run *run, const char *path, struct snapshot_choice choice, char *error,
                      size_t error_size)
{
    struct process *process = &run->processes[run->process_count];
    if (load_trace(run->arena, path, run_files_name(path), choice, process, error, error_size)) {
        run->process_count++;
        return true;
    }
    memset(process, 0, sizeof *process);
    char *problem = arena_copy(run->arena, error, strlen(error));
    if (problem)
        run->problems[run->problem_count++] = problem;
    return problem != NULL;
}

int run_open(const char *path, struct run **run, char *error, size_t error_size)
{
    return run_open_at(path, (struct snapshot_choice){SNAPSHOT_LAST, 0}, run, error, error_size);
}

int run_open_at(const char *path, struct snapshot_choice choice, struct run **run, char *error,
                size_t error_size)
{
    struct run_files files = {0};
    struct arena *arena = arena_new();
    struct run *opened = arena ? arena_alloc(arena, 1, sizeof *opened) : NULL;
    double patience = WAIT_SECONDS;
    bool ok = false;
    *run = NULL;
    if (!opened || !(opened->path = arena_copy(arena, path, strlen(path))))
        goto memory;
    opened->arena = arena;
    if (run_files_list(path, &files, error, error_size) != 0)
        goto done;
    opened->processes = arena_alloc(arena, files.count, sizeof *opened->processes);
    opened->problems = arena_alloc(arena, files.count, sizeof *opened->problems);
    if (!opened->processes || !opened->problems)
        goto memory;

    progress_begin("reading");
    for (size_t i = 0; i < files.count; i++) {
        progress_part(i, files.count);
        trace_wait(files.paths[i], &patience);
        if (!add_trace(opened, files.paths[i], choice, error, error_size))
            goto memory;
    }
    if (opened->process_count == 0) {
        snprintf(error, error_size, "%s", opened->problems[0]);
        goto done;
    }
    ok = order_processes(opened);
    if (ok)
        goto done;
memory:
    snprintf(error, error_size, "%s: not enough memory", path);
done:
    progress_end();
    run_files_free(&files);
    if (ok)
        *run = opened;
    else
        arena_free(arena);
    return ok ? 0 : -1;
}
