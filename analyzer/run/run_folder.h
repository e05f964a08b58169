/* SPDX-License-Identifier: MIT */
/* The folder a run is recorded into: its name, its creation, what may be in it. */
#ifndef OURO_ANALYZER_RUN_FOLDER_H
#define OURO_ANALYZER_RUN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

struct run_folder {
    char *path;    /* absolute; freed with run_folder_free() */
    char *shown;   /* as the user would type it */
    bool created;  /* did not exist before */
    bool numbered; /* the first choice of a name was taken */
};

/*
 * The name that a command suggests, without ".ouro": of the script or module that a Python
 * interpreter is to run, else of the program. `python3 -X dev tools/app.py` gives "app",
 * `python3 -m pkg` "pkg". Never empty; freed by the caller; NULL: no memory.
 */
char *run_folder_name(char *const *command);

/*
 * Makes the folder ready, mode 0700. With path NULL it is NAME.ouro in the working directory for the
 * command, or NAME.2.ouro and so on, the first that does not exist. A path that exists must be an
 * empty folder unless force is set, which removes the traces in it and nothing else.
 * Returns 0, or -1 with one line in error.
 */
int run_folder_prepare(struct run_folder *folder, const char *path, bool force,
                       char *const *command, char *error, size_t error_size);

/* Removes the folder again if it was made by run_folder_prepare() and is empty. */
void run_folder_discard(const struct run_folder *folder);
void run_folder_free(struct run_folder *folder);

#endif
