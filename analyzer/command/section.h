/* SPDX-License-Identifier: MIT */
/* What commands have in common that print a part of the report of one process. */
#ifndef OURO_ANALYZER_SECTION_H
#define OURO_ANALYZER_SECTION_H

#include "report/report.h"

struct section {
    struct run *run;
    const struct process *process;
    uint32_t top; /* as reports take it */
};

/* Values of options that were not given. */
#define SECTION_NO_TOP UINT64_MAX
#define SECTION_NO_PROCESS UINT64_MAX

/*
 * Opens the run at path and chooses the process: that of pid, or the first. top is the value of the
 * option --top: 0 for all. Returns EXIT_DONE, or EXIT_UNUSABLE after it has told the user why; then
 * there is nothing to close.
 */
int section_open(struct section *section, const char *path, uint64_t top, uint64_t pid);

/*
 * The same with the heap of another snapshot than the last: `which` is the value of the option
 * --snapshot, "last", "first" or a number, and NULL where it was not given. That the process has no
 * such snapshot, or not whole, is an error.
 */
int section_open_at(struct section *section, const char *path, uint64_t top, uint64_t pid,
                    const char *which);

/* The row of that option in a command's table. */
#define SECTION_SNAPSHOT_OPTION(target)                                                          \
    {                                                                                            \
        "snapshot", 0, "N|first|last",                                                           \
            "of several snapshots, the heap of which (default: the last)", OPTION_TEXT, (target) \
    }

/* Likewise that of --format, where it is text or JSON, and of --process. */
#define SECTION_FORMAT_OPTION(target)                                                       \
    {                                                                                       \
        "format", 'f', "text|json", "how to print (default: text)", OPTION_CHOICE, (target) \
    }
#define SECTION_PROCESS_OPTION(target)                                                          \
    {                                                                                           \
        "process", 'p', "PID", "of a run of several processes, which one (default: the first)", \
            OPTION_NUMBER, (target)                                                             \
    }

void section_close(struct section *section);

/*
 * After progress_begin() and the building of a report, which returned `built`: the exit code that
 * goes with it, or EXIT_UNUSABLE after it has told the user that memory ran out.
 */
int section_built(int built, const struct report *report, const char *path);

#endif
