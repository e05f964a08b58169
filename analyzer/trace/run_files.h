/* SPDX-License-Identifier: MIT */
/* Which trace files a run has: those of a folder by the order of their names, or the one named. */
#ifndef OURO_ANALYZER_RUN_FILES_H
#define OURO_ANALYZER_RUN_FILES_H

#include <stddef.h>

struct run_files {
    char **paths;
    size_t count, room;
};

/*
 * Lists the traces at path: a folder's *.trace, hidden ones aside, or path itself if it is anything
 * else. Returns 0, or -1 with one line in error (no such file, no trace in the folder, no memory).
 * On success the caller releases the list with run_files_free().
 */
int run_files_list(const char *path, struct run_files *files, char *error, size_t error_size);
void run_files_free(struct run_files *files);

/* The last component of a path. */
const char *run_files_name(const char *path);

#endif
