/* SPDX-License-Identifier: MIT */
#include "trace/run_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ouro/trace.h"

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_trace_name(const char *name)
{
    size_t length = strlen(name), suffix = strlen(OURO_TRACE_SUFFIX);
    return length > suffix && name[0] != '.' &&
           strcmp(name + length - suffix, OURO_TRACE_SUFFIX) == 0;
}

/* Adds folder/name, or just name. False: no memory. */
static bool add(struct run_files *files, const char *folder, const char *name)
{
    char *path;
    if (files->count == files->room) {
        size_t room = files->room ? files->room * 2 : 16;
        char **paths = reallocarray(files->paths, room, sizeof *paths);
        if (!paths)
            return false;
        files->paths = paths;
        files->room = room;
    }
    if (asprintf(&path, "%s%s%s", folder ? folder : "", folder ? "/" : "", name) < 0)
        return false;
    files->paths[files->count++] = path;
    return true;
}

/* The traces of a folder. Returns 0 or an errno value. */
static int list_folder(struct run_files *files, const char *folder)
{
    struct dirent *entry;
    DIR *directory = opendir(folder);
    if (!directory)
        return errno;
    int result = 0;
    while (!result && (errno = 0, entry = readdir(directory)) != NULL) {
        if (is_trace_name(entry->d_name) && !add(files, folder, entry->d_name))
            result = ENOMEM;
    }
    if (!result)
        result = errno;
    closedir(directory);
    if (files->count)
        qsort(files->paths, files->count, sizeof *files->paths, compare_paths);
    return result;
}

int run_files_list(const char *path, struct run_files *files, char *error, size_t error_size)
{
    struct stat status;
    int failure;
    *files = (struct run_files){0};
    if (stat(path, &status) != 0)
        failure = errno;
    else if (S_ISDIR(status.st_mode))
        failure = list_folder(files, path);
    else
        failure = add(files, NULL, path) ? 0 : ENOMEM;
    if (failure)
        snprintf(error, error_size, "%s: %s", path, strerror(failure));
    else if (files->count == 0)
        snprintf(error, error_size, "%s: no trace in this folder (*%s)", path, OURO_TRACE_SUFFIX);
    else
        return 0;
    run_files_free(files);
    return -1;
}

void run_files_free(struct run_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
    *files = (struct run_files){0};
}

const char *run_files_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
