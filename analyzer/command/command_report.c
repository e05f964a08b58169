/* SPDX-License-Identifier: MIT */
/* ouro report */
#include <inttypes.h>

#include "command/command.h"
#include "command/options.h"
#include "load/load.h"
#include "report/page.h"
#include "report/report.h"
#include "text/progress.h"

/* The process to report on: the one asked for, or the first, or NULL. */
static const struct process *process_choose(const struct run *run, bool chosen, uint64_t pid)
{
    for (uint32_t i = 0; i < run->process_count; i++) {
        if (!chosen || run->processes[i].pid == pid)
            return &run->processes[i];
    }
    return NULL;
}

int command_report(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t top = UINT64_MAX, pid = UINT64_MAX;
    const struct option_spec options[] = {
        {"format", 'f', "text|json", "how to print (default: text)", OPTION_CHOICE, &format},
        {"top", 'n', "N", "entries of each list, 0 for all (default: text 10, json all)",
         OPTION_NUMBER, &top},
        {"process", 'p', "PID", "of a run of several processes, which one (default: the first)",
         OPTION_NUMBER, &pid},
        {0},
    };
    const struct usage usage = {
        "report",
        "RUN",
        "Prints the report of a run: leaked cycles, interning savings, types, allocations.",
        options,
        1,
        1,
        "Exit code 3: parts of the trace are damaged, or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;

    struct run *run;
    struct report report;
    char error[1024];
    if (run_open(argv[first], &run, error, sizeof error) < 0)
        return command_fail("%s", error);
    const struct process *process = process_choose(run, pid != UINT64_MAX, pid);
    if (!process) {
        status = command_fail("%s has no process %" PRIu64, argv[first], pid);
        goto out_run;
    }
    uint32_t most = top == UINT64_MAX               ? REPORT_DEFAULT
                    : top == 0 || top >= REPORT_ALL ? REPORT_ALL
                                                    : (uint32_t)top;
    progress_begin("analyzing");
    int built = report_build(run, process, &report);
    progress_end();
    if (built < 0) {
        status = command_fail("%s: not enough memory for the report", argv[first]);
        goto out;
    }
    status = report.damaged ? EXIT_INCOMPLETE : EXIT_DONE;
    if (format == TEXT)
        report_text(stdout, &report, argv[first], most, page_locale_is_utf8());
    else if (report_json(stdout, &report, most) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
out_run:
    run_free(run);
    return status;
}
