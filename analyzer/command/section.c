/* SPDX-License-Identifier: MIT */
#include "command/section.h"

#include <inttypes.h>
#include <string.h>

#include "command/command.h"
#include "load/load.h"
#include "text/progress.h"

/* The value of --snapshot; false: it is none. */
static bool parse_choice(const char *which, struct snapshot_choice *choice)
{
    *choice = (struct snapshot_choice){SNAPSHOT_LAST, 0};
    if (!which || strcmp(which, "last") == 0)
        return true;
    if (strcmp(which, "first") == 0) {
        choice->which = SNAPSHOT_FIRST;
        return true;
    }
    choice->which = SNAPSHOT_NUMBERED;
    for (; *which >= '0' && *which <= '9' && choice->number < 1u << 24; which++)
        choice->number = choice->number * 10 + (uint32_t)(*which - '0');
    return !*which && choice->number;
}

/* Says that the snapshot asked for is not there. */
static int no_snapshot(const struct process *process, uint32_t number)
{
    for (uint32_t i = 0; i < process->snapshot_count; i++) {
        const struct snapshot *s = &process->snapshots[i];
        if (s->number == number && s->reason == OURO_SNAPSHOT_COLLECTION)
            return command_fail("snapshot %" PRIu32 " shows a collection, not the heap", number);
        if (s->number == number)
            return command_fail("snapshot %" PRIu32 " is not whole: %s", number, s->text);
    }
    return command_fail("process %" PRIu64 " has no snapshot %" PRIu32
                        "; 'ouro info' lists those it has",
                        process->pid, number);
}

int section_open(struct section *section, const char *path, uint64_t top, uint64_t pid)
{
    return section_open_at(section, path, top, pid, NULL);
}

int section_open_at(struct section *section, const char *path, uint64_t top, uint64_t pid,
                    const char *which)
{
    char error[1024];
    struct snapshot_choice choice;
    *section = (struct section){0};
    if (!parse_choice(which, &choice))
        return command_fail("--snapshot takes a number from 1 on, 'first' or 'last', not '%s'",
                            which);
    if (run_open_at(path, choice, &section->run, error, sizeof error) < 0)
        return command_fail("%s", error);
    section->top = top == SECTION_NO_TOP           ? REPORT_DEFAULT
                   : top == 0 || top >= REPORT_ALL ? REPORT_ALL
                                                   : (uint32_t)top;
    for (uint32_t i = 0; i < section->run->process_count && !section->process; i++) {
        if (pid == SECTION_NO_PROCESS || section->run->processes[i].pid == pid)
            section->process = &section->run->processes[i];
    }
    if (section->process &&
        (choice.which != SNAPSHOT_NUMBERED || process_last_snapshot(section->process)))
        return EXIT_DONE;
    int status = section->process ? no_snapshot(section->process, choice.number)
                                  : command_fail("%s has no process %" PRIu64, path, pid);
    section_close(section);
    return status;
}

void section_close(struct section *section)
{
    run_free(section->run);
    *section = (struct section){0};
}

int section_built(int built, const struct report *report, const char *path)
{
    progress_end();
    if (built < 0)
        return command_fail("%s: not enough memory for the report", path);
    return report->damaged ? EXIT_INCOMPLETE : EXIT_DONE;
}
