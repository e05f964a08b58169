/* SPDX-License-Identifier: MIT */
/* A file that appears whole or not at all: written beside its place, then renamed. */
#ifndef OURO_ANALYZER_NEW_FILE_H
#define OURO_ANALYZER_NEW_FILE_H

#include <stdio.h>

struct new_file {
    FILE *out;
    char *path, *temporary; /* temporary NULL: path is no regular file and is written directly */
};

/* All return 0, or -1 with errno set. After a failure new_file_discard() cleans up. */
int new_file_open(struct new_file *file, const char *path);
int new_file_commit(struct new_file *file);

/* Gives up; errno stays. */
void new_file_discard(struct new_file *file);

#endif
