/* SPDX-License-Identifier: MIT */
/* ouro diff */
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "compare/comparand.h"
#include "report/diff.h"
#include "report/page.h"
#include "report/report.h"

/* Entries of each list of the text unless told otherwise. */
#define TEXT_TOP 20u

/* How many operands stand behind the word "--"; -1: there is no such word. Of `ouro diff A -- B` getopt
 * only tells that both are operands. */
static int behind_dashes(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return argc - i - 1;
    }
    return -1;
}

int command_diff(int argc, char **argv)
{
    enum { TEXT, JSON, MARKDOWN };
    unsigned format = TEXT;
    uint64_t top = UINT64_MAX;
    const struct option_spec options[] = {
        {"format", 'f', "text|json|markdown", "how to print (default: text)", OPTION_CHOICE,
         &format},
        {"top", 'n', "N", "changes of each kind, 0 for all (default: 20, json all)", OPTION_NUMBER,
         &top},
        {0},
    };
    const struct usage usage = {
        "diff",
        "BEFORE AFTER | BEFORE... -- AFTER...",
        "Compares two runs: leaked cycles and references, what is alive and what was allocated by\n"
        "line, types, holders, equal values, collector, peak. Addresses, process numbers, folders\n"
        "and lines that only moved are no difference, nor is what differs by noise.",
        options,
        2,
        INT32_MAX,
        "Several runs on each side of -- : only what lies outside of their spread is a difference.\n"
        "A baseline (ouro baseline) can stand for runs. All processes of a run count together.\n"
        "Exit code 3: parts of a trace are damaged, or reference counts do not add up.",
    };
    int after_count = behind_dashes(argc, argv);
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    int operands = argc - first;
    if (after_count < 0)
        after_count = operands == 2 ? 1 : 0;
    if (after_count < 1 || after_count >= operands)
        return command_fail(
            "diff: two runs, or several on each side of '--'; see 'ouro help diff'");

    const struct diff_names names = {argv + first, argv + argc - after_count,
                                     (uint32_t)(operands - after_count), (uint32_t)after_count};
    struct digest before = {0}, after = {0};
    struct difference difference = {0};
    char error[1024];
    status = EXIT_DONE;
    if (comparand_read(names.before, names.before_count, &before, error, sizeof error) < 0 ||
        comparand_read(names.after, names.after_count, &after, error, sizeof error) < 0) {
        status = command_fail("%s", error);
        goto out;
    }
    if (difference_find(&before, &after, &difference) < 0) {
        status = command_fail("diff: not enough memory");
        goto out;
    }
    uint32_t most = top == UINT64_MAX                   ? (format == JSON ? UINT32_MAX : TEXT_TOP)
                    : top == 0 || top > UINT32_MAX - 1u ? UINT32_MAX
                                                        : (uint32_t)top;
    if (format == TEXT)
        diff_text(stdout, &difference, &names, most, page_locale_is_utf8());
    else if (format == MARKDOWN)
        diff_markdown(stdout, &difference, &names, most);
    else if (diff_json(stdout, &difference, &names, most) < 0)
        status = command_fail("diff: the result cannot be written");
    if (status == EXIT_DONE && (before.damaged || after.damaged))
        status = EXIT_INCOMPLETE;
out:
    difference_free(&difference);
    digest_free(&before);
    digest_free(&after);
    return status;
}
