/* SPDX-License-Identifier: MIT */
/* ouro intern */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

int command_intern(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT, by = INTERNING_BY_HOLDER;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS, least = 0;
    const char *type = NULL;
    bool all = false;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        {"by", 'b', "holder|site|value", "how to group (default: holder)", OPTION_CHOICE, &by},
        {"type", 't', "NAME", "values of this type only", OPTION_TEXT, &type},
        {"min", 'm', "BYTES", "leave out what saves less, as 64k", OPTION_BYTES, &least},
        {"all", 'a', NULL, "also what is not worth the trouble", OPTION_FLAG, &all},
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "groups, 0 for all (default: text 10, json all)", OPTION_NUMBER, &top},
        {"process", 'p', "PID", "of several processes, which (default: the first)", OPTION_NUMBER,
         &pid},
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "intern",
        "RUN",
        "Prints equal immutable objects that are kept many times, what holds and what\n"
        "makes them, and the bytes that come back if there is one of each.",
        options,
        1,
        1,
        "Net is what the heap shrinks by: with all that dies with the copies, without the\n"
        "table that keeps the one. Exit code 3: parts of the trace are damaged, or\n"
        "reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    const struct interning_query query = {(enum interning_by)by, type, least};
    progress_begin("analyzing");
    int built = report_build_interning(section.run, section.process, &query, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (format == TEXT)
        report_interning_text(stdout, &report, argv[first], section.top, all,
                              page_locale_is_utf8());
    else if (report_interning_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
