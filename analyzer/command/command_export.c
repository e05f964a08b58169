/* SPDX-License-Identifier: MIT */
/* ouro export */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "cycles/garbage.h"
#include "export/ndjson.h"
#include "text/progress.h"

enum what { WHAT_LIVES, WHAT_SITES, WHAT_EPOCHS, WHAT_OBJECTS, WHAT_EDGES };

/* The file to write to: stdout for NULL and "-". What a trace holds is the program's, so nobody else
 * may read what becomes of it. NULL: told the user why not. */
static FILE *output_open(const char *path)
{
    if (!path || strcmp(path, "-") == 0)
        return stdout;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!out) {
        command_fail("%s: cannot be written: %s", path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
    }
    return out;
}

/* Whether there is what was asked for; tells the user if not. */
static bool has_records(const struct process *process, enum what what)
{
    if ((what == WHAT_OBJECTS || what == WHAT_EDGES) && !process_last_snapshot(process)) {
        command_fail("%s has no whole snapshot: there are no objects to export", process->file);
        return false;
    }
    if (what == WHAT_LIVES && !process->life_count) {
        command_fail("%s has no lives: record them with 'ouro run --lives'", process->file);
        return false;
    }
    return true;
}

/* Writes what was asked for. Returns an exit code, after it has told the user what is wrong. */
static int write_records(FILE *out, const struct process *process, enum what what)
{
    const struct snapshot *snapshot = process_last_snapshot(process);
    struct garbage garbage;
    char error[1024];
    switch (what) {
    case WHAT_LIVES:
        switch (ndjson_lives(out, process, error, sizeof error)) {
        case 0:
            break;
        case 1:
            command_fail("%s is damaged: some of its lives are lost", process->file);
            return EXIT_INCOMPLETE;
        default:
            return command_fail("%s", error);
        }
        break;
    case WHAT_SITES:
        ndjson_sites(out, process);
        break;
    case WHAT_EPOCHS:
        ndjson_epochs(out, process);
        break;
    case WHAT_OBJECTS:
        if (garbage_find(snapshot, &garbage) < 0) {
            garbage_free(&garbage);
            return command_fail("not enough memory");
        }
        ndjson_objects(out, process, snapshot, garbage.class);
        garbage_free(&garbage);
        break;
    case WHAT_EDGES:
        ndjson_edges(out, snapshot);
        break;
    }
    return process->chunks_damaged || process->chunks_missing ? EXIT_INCOMPLETE : EXIT_DONE;
}

int command_export(int argc, char **argv)
{
    unsigned format = 0, what = WHAT_LIVES + 100;
    const char *path = NULL;
    uint64_t pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        {"format", 'f', "ndjson", "one JSON object a line (default)", OPTION_CHOICE, &format},
        {"what", 'w', "lives|sites|epochs|objects|edges", "which records", OPTION_CHOICE, &what},
        {"output", 'o', "FILE", "where to (default: standard output)", OPTION_TEXT, &path},
        {"process", 'p', "PID", "of a run of several processes, which one (default: the first)",
         OPTION_NUMBER, &pid},
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "export",
        "RUN",
        "Writes records of one process of a run for other programs: lives (of a run with --lives),\n"
        "sites (the calling-context tree), epochs (what changed in memory over time), objects and\n"
        "edges (of the last whole snapshot).",
        options,
        1,
        1,
        "Exit code 3: parts of the trace are damaged. A file is created for its owner only: traces\n"
        "hold what the program held.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    if (first < 0)
        return status;
    if (what > WHAT_EDGES)
        return command_fail("export: --what says which records: lives, sites, epochs, objects or "
                            "edges; see 'ouro help export'");
    if ((status = section_open_at(&section, argv[first], SECTION_NO_TOP, pid, snapshot)) !=
        EXIT_DONE)
        return status;
    FILE *out = has_records(section.process, (enum what)what) ? output_open(path) : NULL;
    if (!out) {
        section_close(&section);
        return EXIT_UNUSABLE;
    }
    progress_begin("exporting");
    status = write_records(out, section.process, (enum what)what);
    progress_end();
    section_close(&section);
    if (out != stdout) { /* main() looks after stdout */
        bool failed = ferror(out) != 0;
        if ((fclose(out) != 0 || failed) && status != EXIT_UNUSABLE)
            status = command_fail("%s: cannot be written: %s", path, strerror(errno));
    }
    return status;
}
