/* SPDX-License-Identifier: MIT */
/* ouro retained */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

/* Objects of a JSON list unless told otherwise: the rest is most of the heap. */
#define OBJECTS_DEFAULT 1000u

int command_retained(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT, by = RETAINED_BY_OBJECT;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        {"by", 'b', "object|type|module|site", "what to list (default: object)", OPTION_CHOICE,
         &by},
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "entries, 0 for all (default: text 10, json 1,000)", OPTION_NUMBER, &top},
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "retained",
        "RUN",
        "Prints what keeps the memory alive: the bytes that would die with an object, with all\n"
        "objects of a type or a module, or with all objects made in one place.",
        options,
        1,
        1,
        "An object that keeps nine tenths of its bytes through one other object is left out; that\n"
        "one is listed. Dead objects count nowhere. Exit code 3: parts of the trace are damaged,\n"
        "or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    uint32_t most = section.top == REPORT_DEFAULT ? OBJECTS_DEFAULT : section.top;
    progress_begin("analyzing");
    int built =
        report_build_retained(section.run, section.process, (enum retained_by)by, most, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (format == TEXT)
        report_retained_text(stdout, &report, argv[first], section.top, page_locale_is_utf8());
    else if (report_retained_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
