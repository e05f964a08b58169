/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "loader.h"
#include "progress.h"

/* A list of the names of all traces in a folder. */
struct names {
    char **names;
    size_t count, room;
};

static void names_free(struct names *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_trace_name(const char *name)
{
    size_t length = strlen(name), suffix = strlen(OURO_TRACE_SUFFIX);
    return length > suffix && name[0] != '.' &&
           strcmp(name + length - suffix, OURO_TRACE_SUFFIX) == 0;
}

/* Lists the traces of a folder in the order of their names. Returns 0 or an errno value. */
static int names_read(struct names *list, const char *folder)
{
    int result = 0;
    struct dirent *entry;
    DIR *directory = opendir(folder);
    if (!directory)
        return errno;
    while (errno = 0, (entry = readdir(directory)) != NULL) {
        if (!is_trace_name(entry->d_name))
            continue;
        if (list->count == list->room) {
            size_t room = list->room ? list->room * 2 : 16;
            char **names = reallocarray(list->names, room, sizeof *names);
            if (!names)
                break;
            list->names = names;
            list->room = room;
        }
        if (!(list->names[list->count] = strdup(entry->d_name)))
            break;
        list->count++;
    }
    result = errno;
    closedir(directory);
    if (list->count)
        qsort(list->names, list->count, sizeof *list->names, compare_names);
    return result;
}

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

/* Adds the trace at path to the run. A file that cannot be loaded is noted in run->problems. */
static bool add_trace(struct run *run, const char *path, const char *name, char *error,
                      size_t error_size)
{
    struct process *process = &run->processes[run->process_count];
    bool ok = load_trace(run->arena, path, name, process, error, error_size);
    if (ok) {
        run->process_count++;
        return true;
    }
    memset(process, 0, sizeof *process);
    char *problem = arena_copy(run->arena, error, strlen(error));
    if (problem)
        run->problems[run->problem_count++] = problem;
    return problem != NULL;
}

/* Room for count processes; false: no memory. */
static bool run_reserve(struct run *run, size_t count)
{
    run->processes = arena_alloc(run->arena, count, sizeof *run->processes);
    run->problems = arena_alloc(run->arena, count, sizeof *run->problems);
    return run->processes && run->problems;
}

static bool add_folder(struct run *run, const char *folder, char *error, size_t error_size)
{
    struct names list = {0};
    bool ok = false;
    int failure = names_read(&list, folder);
    if (failure) {
        snprintf(error, error_size, "%s: %s", folder, strerror(failure));
    } else if (list.count == 0) {
        snprintf(error, error_size, "%s: no trace in this folder (*%s)", folder, OURO_TRACE_SUFFIX);
    } else if (!run_reserve(run, list.count)) {
        snprintf(error, error_size, "%s: not enough memory", folder);
    } else {
        ok = true;
    }
    for (size_t i = 0; ok && i < list.count; i++) {
        char *path;
        progress_part(i, list.count);
        ok = asprintf(&path, "%s/%s", folder, list.names[i]) >= 0;
        if (ok) {
            ok = add_trace(run, path, list.names[i], error, error_size);
            free(path);
        }
        if (!ok)
            snprintf(error, error_size, "%s: not enough memory", folder);
    }
    names_free(&list);
    return ok;
}

int run_open(const char *path, struct run **run, char *error, size_t error_size)
{
    struct arena *arena = arena_new();
    struct run *opened = arena ? arena_alloc(arena, 1, sizeof *opened) : NULL;
    struct stat status;
    bool ok = false;
    *run = NULL;
    if (!opened || !(opened->path = arena_copy(arena, path, strlen(path)))) {
        snprintf(error, error_size, "%s: not enough memory", path);
        goto done;
    }
    opened->arena = arena;
    if (stat(path, &status) != 0) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        goto done;
    }
    progress_begin("reading");
    if (S_ISDIR(status.st_mode)) {
        ok = add_folder(opened, path, error, error_size);
    } else {
        const char *slash = strrchr(path, '/');
        ok = run_reserve(opened, 1) &&
             add_trace(opened, path, slash ? slash + 1 : path, error, error_size);
    }
    progress_end();
    if (ok && opened->process_count == 0) {
        snprintf(error, error_size, "%s", opened->problems[0]);
        ok = false;
    }
    if (ok && !order_processes(opened)) {
        snprintf(error, error_size, "%s: not enough memory", path);
        ok = false;
    }
done:
    if (ok)
        *run = opened;
    else
        arena_free(arena);
    return ok ? 0 : -1;
}
