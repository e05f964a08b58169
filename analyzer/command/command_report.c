/* SPDX-License-Identifier: MIT */
/* ouro report */
#include "command/command.h"
#include "command/options.h"
#include "command/output_file.h"
#include "command/section.h"
#include "export/html.h"
#include "report/page.h"
#include "text/progress.h"

/* The page instead of the report. */
static int page_write(const struct section *section, const char *path, bool sources)
{
    char error[256] = "";
    const struct export_request request = {
        .run = section->run,
        .process = section->process,
        .snapshot = process_last_snapshot(section->process),
        .sources = sources,
    };
    FILE *out = output_file_open(path);
    if (!out)
        return EXIT_UNUSABLE;
    progress_begin("analyzing");
    int status = output_file_status(html_write(out, &request, error, sizeof error));
    progress_end();
    if (*error)
        command_fail("%s", error);
    if (status == EXIT_INCOMPLETE)
        command_fail("%s: parts of the run are damaged: the page says what is missing",
                     section->run->path);
    return output_file_close(out, path, status);
}

int command_report(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL, *html = NULL;
    bool sources = true;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "entries of each list, 0 for all (default: text 10, json all)",
         OPTION_NUMBER, &top},
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {"html", 0, "FILE", "write a page to look at in a browser instead", OPTION_TEXT, &html},
        {"no-source", 0, NULL, "no lines of source files in the page", OPTION_UNFLAG, &sources},
        {0},
    };
    const struct usage usage = {
        "report",
        "RUN",
        "Prints the report of a run: leaked cycles, interning savings, types, live memory\nover time, allocations, collector.",
        options,
        1,
        1,
        "Exit code 3: parts of the trace are damaged, or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    if (html && format != TEXT)
        return command_fail("report: --html writes a page instead: say it without --format");

    struct section section;
    struct report report;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    if (html) {
        status = page_write(&section, html, sources);
        section_close(&section);
        return status;
    }
    progress_begin("analyzing");
    int built = report_build(section.run, section.process, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (format == TEXT)
        report_text(stdout, &report, argv[first], section.top, page_locale_is_utf8());
    else if (report_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
