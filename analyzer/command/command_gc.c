/* SPDX-License-Identifier: MIT */
/* ouro gc */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

int command_gc(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "entries of each list, 0 for all (default: text 10, json all)",
         OPTION_NUMBER, &top},
        SECTION_PROCESS_OPTION(&pid),
        {0},
    };
    const struct usage usage = {
        "gc",
        "RUN",
        "Prints what the cyclic collector did: its runs and the time they took, what it freed, and\n"
        "the lines that made it.",
        options,
        1,
        1,
        "Times are upper bounds: from the last allocation before a run to the first after it, where\n"
        "the runtime does not keep them itself. Exit code 3: parts of the trace are damaged.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open(&section, argv[first], top, pid)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_ledger(section.run, section.process, CHURN_WITHIN, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if ((format == TEXT
             ? report_gc_text(stdout, &report, argv[first], section.top, page_locale_is_utf8())
             : report_gc_json(stdout, &report, section.top)) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
