/* SPDX-License-Identifier: MIT */
/* ouro savings */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

int command_savings(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "findings, 0 for all (default: text 10, json all)", OPTION_NUMBER, &top},
        {"process", 'p', "PID", "of several processes, which (default: the first)", OPTION_NUMBER,
         &pid},
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "savings",
        "RUN",
        "Prints what the program could keep in fewer bytes, with the line: equal values\n"
        "(see intern), attribute tables, dicts used as records, boxed numbers, spare room\n"
        "in containers, empty ones, strings that few characters make wide, code loaded\n"
        "twice.",
        options,
        1,
        1,
        "Each finding is what it saves alone; in the total no object counts twice. What\n"
        "the runtime and imports make is in neither. Exit code 3: parts of the trace are\n"
        "damaged, or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_savings(section.run, section.process, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (format == TEXT)
        report_savings_text(stdout, &report, argv[first], section.top, page_locale_is_utf8());
    else if (report_savings_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
