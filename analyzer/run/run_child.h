/* SPDX-License-Identifier: MIT */
/*
 * Runs the program as a child that notices nothing of its parent: same terminal, process group,
 * descriptors and signal dispositions; signals sent to the parent reach it; when it is stopped from
 * the terminal the parent stops, too.
 */
#ifndef OURO_ANALYZER_RUN_CHILD_H
#define OURO_ANALYZER_RUN_CHILD_H

struct child_result {
    int code;        /* as a shell has it: its exit code, 128 + n when signal n ended it */
    int signal;      /* the signal that ended it, or 0 */
    int start_errno; /* not 0: it could not be started for this reason; code is 126 or 127 */
    long pid;
};

/*
 * Starts argv[0], searched in PATH, and waits for its end. Returns 0, or -1 with errno set when no
 * child could be made.
 */
int child_run(char *const *argv, struct child_result *result);

#endif
