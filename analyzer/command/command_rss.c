/* SPDX-License-Identifier: MIT */
/* ouro rss */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"

int command_rss(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t pid = SECTION_NO_PROCESS;
    const char *which = NULL;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        SECTION_SNAPSHOT_OPTION(&which),
        SECTION_PROCESS_OPTION(&pid),
        {0},
    };
    const struct usage usage = {
        "rss",
        "RUN",
        "Prints where the resident memory of the process was when the snapshot was taken: blocks of\n"
        "Python, free space in its arenas, malloc, stacks, libraries, the recorder, down to the\n"
        "figure that the kernel gives (VmRSS).",
        options,
        1,
        1,
        "Each resident page is counted once. What does not add up is printed as not explained. Exit\n"
        "code 3: parts of the trace are damaged.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open_at(&section, argv[first], SECTION_NO_TOP, pid, which)) != EXIT_DONE)
        return status;
    int built = report_build_rss(section.run, section.process, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (format == TEXT)
        report_rss_text(stdout, &report, argv[first], page_locale_is_utf8());
    else if (report_rss_json(stdout, &report) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
