/* SPDX-License-Identifier: MIT */
#include "command/section.h"

#include <inttypes.h>

#include "command/command.h"
#include "load/load.h"
#include "text/progress.h"

int section_open(struct section *section, const char *path, uint64_t top, uint64_t pid)
{
    char error[1024];
    *section = (struct section){0};
    if (run_open(path, &section->run, error, sizeof error) < 0)
        return command_fail("%s", error);
    section->top = top == SECTION_NO_TOP           ? REPORT_DEFAULT
                   : top == 0 || top >= REPORT_ALL ? REPORT_ALL
                                                   : (uint32_t)top;
    for (uint32_t i = 0; i < section->run->process_count && !section->process; i++) {
        if (pid == SECTION_NO_PROCESS || section->run->processes[i].pid == pid)
            section->process = &section->run->processes[i];
    }
    if (section->process)
        return EXIT_DONE;
    section_close(section);
    return command_fail("%s has no process %" PRIu64, path, pid);
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
