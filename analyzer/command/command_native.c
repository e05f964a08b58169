/* SPDX-License-Identifier: MIT */
/* ouro native */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

int command_native(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "stacks to print, 0 for all (default: text 10, json all)", OPTION_NUMBER,
         &top},
        SECTION_PROCESS_OPTION(&pid),
        {0},
    };
    const struct usage usage = {
        "native",
        "RUN",
        "Prints native leaks: blocks of malloc that nothing in the process leads to any more. Then\n"
        "memory that C code has from malloc and mmap, most bytes alive at the end first. Both by\n"
        "stack: native frames out to Python's evaluation loop, then the Python stack. For stacks\n"
        "the run must be recorded with 'ouro run --native'.",
        options,
        1,
        1,
        "Blocks of Python objects are not counted here. Mappings are never sampled. Functions and lines come from the files on\n"
        "this machine and debug files installed for them. Exit code 3: parts of the trace are\n"
        "damaged.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open(&section, argv[first], top, pid)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_native(section.run, section.process, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (format == TEXT)
        report_native_text(stdout, &report, argv[first], section.top, page_locale_is_utf8());
    else if (report_native_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
