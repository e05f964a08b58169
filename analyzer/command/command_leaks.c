/* SPDX-License-Identifier: MIT */
/* ouro leaks */
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/page.h"
#include "text/progress.h"

/* Leaves the suspects only whose signature or type it is; how many those are. */
static uint32_t keep(struct growth *growth, const char *word)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < growth->suspect_count; i++) {
        const struct growth_suspect *s = &growth->suspects[i];
        const char *bare = s->type ? strrchr(s->type, '.') : NULL;
        if (!strcmp(s->signature, word) || (s->type && !strcmp(s->type, word)) ||
            (bare && !strcmp(bare + 1, word)))
            growth->suspects[kept++] = *s;
    }
    return growth->suspect_count = kept;
}

/* The same of native memory. */
static uint32_t keep_native(struct native_growth *growth, const char *word)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < growth->suspect_count; i++)
        if (!strcmp(growth->suspects[i].signature, word))
            growth->suspects[kept++] = growth->suspects[i];
    return growth->suspect_count = kept;
}

int command_leaks(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    const char *snapshot = NULL;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "suspects, 0 for all (default: text 10, json all)", OPTION_NUMBER, &top},
        SECTION_SNAPSHOT_OPTION(&snapshot),
        SECTION_PROCESS_OPTION(&pid),
        {0},
    };
    const struct usage usage = {
        "leaks",
        "RUN [SIGNATURE|TYPE]",
        "Prints what grows for as long as the program runs: what piles up, in which container, the\n"
        "path to it from a root, how fast, and the line that makes it. With 'ouro run --native' also\n"
        "native memory, by the C function that asks for it.",
        options,
        1,
        2,
        "The first half of what was allocated counts as warm-up. What then grew from each stretch of the\n"
        "run to the next, and is still there and of all ages at the end, is a suspect; a cache that\n"
        "filled, a load, or a list that is cleared is not. Garbage is told by `ouro cycles`.\n"
        "With an earlier snapshot the run counts up to it: so a holder is seen that the end of the\n"
        "program let go of. Exit code 3: parts of the trace are damaged, or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    const char *only = first + 1 < argc ? argv[first + 1] : NULL;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_leaks(section.run, section.process, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (only && keep(&report.growth, only) + keep_native(&report.native_growth, only) == 0)
        status = command_fail("%s has no suspect '%s'", argv[first], only);
    else if (format == TEXT)
        report_leaks_text(stdout, &report, argv[first], section.top, only != NULL,
                          page_locale_is_utf8());
    else if (report_leaks_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
