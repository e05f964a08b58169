/* SPDX-License-Identifier: MIT */
/* ouro tests */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

int command_tests(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    bool all = false;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const struct option_spec options[] = {
        {"all", 'a', NULL, "every test in the order in which they ran, not only those that leak",
         OPTION_FLAG, &all},
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "tests, 0 for all (default: text 10, with --all and in json all)",
         OPTION_NUMBER, &top},
        SECTION_PROCESS_OPTION(&pid),
        {0},
    };
    const struct usage usage = {
        "tests",
        "RUN",
        "Prints what each test of a suite left behind: objects that are still alive at the end,\n"
        "cycles, and what it allocated. For programs that were run with pytest or unittest.",
        options,
        1,
        1,
        "What only the first run of a test function keeps (a parametrised test, or a test that is\n"
        "repeated) is warm-up, and so is what a cache of functools or the standard library keeps;\n"
        "what later runs keep as well, or what one keeps elsewhere, is a leak. Exit code 3: parts\n"
        "of the trace are damaged, or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open(&section, argv[first], top, pid)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_tests(section.run, section.process, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (format == TEXT)
        report_tests_text(stdout, &report, argv[first], section.top, all, page_locale_is_utf8());
    else if (report_tests_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
