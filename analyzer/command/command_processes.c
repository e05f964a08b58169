/* SPDX-License-Identifier: MIT */
/* ouro processes */
#include <stdio.h>

#include "command/command.h"
#include "command/options.h"
#include "compare/by_process.h"
#include "load/load.h"
#include "report/page.h"
#include "report/processes.h"
#include "text/progress.h"

int command_processes(int argc, char **argv)
{
    enum { TEXT, JSON, MARKDOWN };
    unsigned format = TEXT;
    uint64_t top = UINT64_MAX;
    const struct option_spec options[] = {
        {"format", 'f', "text|json|markdown", "how to print (default: text)", OPTION_CHOICE,
         &format},
        {"top", 'n', "N", "entries of each list, 0 for all (default: text 10, others 100)",
         OPTION_NUMBER, &top},
        {0},
    };
    const struct usage usage = {
        "processes",
        "RUN",
        "Prints all processes of a run as one: who started whom, and leaked cycles, growth, what is\n"
        "alive by line and type, equal values, with a column for each process.",
        options,
        1,
        1,
        "Exit code 3: parts of a trace are damaged, or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    struct run *run;
    struct by_process table;
    char error[1024];
    if (run_open(argv[first], &run, error, sizeof error) < 0)
        return command_fail("%s", error);
    uint32_t most = top == UINT64_MAX                   ? (format == TEXT ? 10 : 100)
                    : top == 0 || top > UINT32_MAX - 1u ? UINT32_MAX
                                                        : (uint32_t)top;
    progress_begin("analyzing");
    int built = by_process_build(run, &table);
    progress_end();
    status = EXIT_DONE;
    if (built < 0)
        status = command_fail("%s: not enough memory", argv[first]);
    else if (format == TEXT)
        processes_text(stdout, &table, argv[first], most, page_locale_is_utf8());
    else if (format == MARKDOWN)
        processes_markdown(stdout, &table, argv[first], most);
    else if (processes_json(stdout, &table, argv[first], most) < 0)
        status = command_fail("%s: the result cannot be written", argv[first]);
    if (status == EXIT_DONE && table.all.damaged)
        status = EXIT_INCOMPLETE;
    by_process_free(&table);
    run_free(run);
    return status;
}
