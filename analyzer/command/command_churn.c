/* SPDX-License-Identifier: MIT */
/* ouro churn */
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

int command_churn(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    const char *type = NULL;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS, within = CHURN_WITHIN;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "lines of source, 0 for all (default: text 10, json 2,000)",
         OPTION_NUMBER, &top},
        {"type", 't', "TYPE", "only objects of this type, as 'str' or 'app.Node' or 'Node'",
         OPTION_TEXT, &type},
        {"within", 'w', "BYTES", "what counts as short-lived (default: 64k)", OPTION_BYTES,
         &within},
        SECTION_PROCESS_OPTION(&pid),
        {0},
    };
    const struct usage usage = {
        "churn",
        "RUN",
        "Prints the lines that make objects only to throw them away: how many, how soon they die,\n"
        "and what usually helps.",
        options,
        1,
        1,
        "Lifetimes are on the allocation clock: 'within 4 KiB' means that the program allocated\n"
        "less than that between the birth and the death of the object. Figures with ~ are\n"
        "estimates from a sample. Exit code 3: parts of the trace are damaged.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open(&section, argv[first], top, pid)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_ledger(section.run, section.process, within, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    churn_rank(&report.sites, &report.churn);
    if (type)
        churn_keep_type(&report.churn, type);
    if ((format == TEXT
             ? report_churn_text(stdout, &report, argv[first], section.top, page_locale_is_utf8())
             : report_churn_json(stdout, &report, section.top)) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
