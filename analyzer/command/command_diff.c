/* SPDX-License-Identifier: MIT */
/* ouro diff */
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "command/output_file.h"
#include "compare/comparand.h"
#include "export/html.h"
#include "report/diff.h"
#include "report/page.h"
#include "report/report.h"

/* Entries of each list of the text unless told otherwise. */
#define TEXT_TOP 20u

/* Where the word "--" stands, which parts the runs before from those after; argc: there is none. */
static int dashes_find(int argc, char **argv)
{
    int at = 1;
    while (at < argc && strcmp(argv[at], "--") != 0)
        at++;
    return at;
}

/* The page instead of the text. */
static int page_write(const struct difference *difference, const struct diff_names *names,
                      const char *path)
{
    char error[1024] = "";
    FILE *out = output_file_open(path);
    if (!out)
        return EXIT_UNUSABLE;
    int status = output_file_status(html_diff_write(out, difference, names, error, sizeof error));
    if (*error)
        command_fail("%s", error);
    return output_file_close(out, path, status);
}

int command_diff(int argc, char **argv)
{
    enum { TEXT, JSON, MARKDOWN };
    unsigned format = TEXT;
    uint64_t top = UINT64_MAX;
    const char *html = NULL;
    const struct option_spec options[] = {
        {"format", 'f', "text|json|markdown", "how to print (default: text)", OPTION_CHOICE,
         &format},
        {"top", 'n', "N", "changes of each kind, 0 for all (default: 20, json all)", OPTION_NUMBER,
         &top},
        {"html", 0, "FILE", "write a page to look at in a browser instead", OPTION_TEXT, &html},
        {0},
    };
    struct usage usage = {
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
    int dashes = dashes_find(argc, argv), status, first, second = 0;
    bool parted = dashes < argc;
    if (parted)
        usage.operands_min = 1;
    first = options_parse(&usage, dashes, argv, &status);
    if (first >= 0 && parted) /* options may stand there, too */
        second = options_parse(&usage, argc - dashes, argv + dashes, &status);
    if (first < 0 || second < 0)
        return status;
    if (html && format != TEXT)
        return command_fail("diff: --html writes a page instead: say it without --format");
    int operands = dashes - first;
    if (!parted && operands != 2)
        return command_fail(
            "diff: two runs, or several on each side of '--'; see 'ouro help diff'");
    const struct diff_names names = {
        .before = argv + first,
        .before_count = parted ? (uint32_t)operands : 1,
        .after = parted ? argv + dashes + second : argv + first + 1,
        .after_count = parted ? (uint32_t)(argc - dashes - second) : 1,
    };
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
    if (html)
        status = page_write(&difference, &names, html);
    else if (format == TEXT)
        diff_text(stdout, &difference, &names, most, page_locale_is_utf8());
    else if (format == MARKDOWN)
        diff_markdown(stdout, &difference, &names, most);
    else if (diff_json(stdout, &difference, &names, most) < 0)
        status = command_fail("diff: the result cannot be written");
    if (status == EXIT_DONE && (before.damaged || after.damaged)) {
        status = EXIT_INCOMPLETE;
        if (html)
            command_fail("diff: parts of the runs are damaged: the page says what is missing");
    }
out:
    difference_free(&difference);
    digest_free(&before);
    digest_free(&after);
    return status;
}
