/* SPDX-License-Identifier: MIT */
/* ouro doctor */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "doctor/findings.h"

enum { WIDTH = 80, INDENT = 25 };

/* Words from column INDENT on, in lines of WIDTH. */
static void put_words(const char *text)
{
    size_t column = INDENT;
    while (*(text += strspn(text, " "))) {
        size_t length = strcspn(text, " ");
        if (column > INDENT && column + 1 + length > WIDTH) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length;
    }
    putchar('\n');
}

static void print_text(const struct findings *findings, const char *program)
{
    for (unsigned i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->items[i];
        printf("  %-8s  %-11s  ", finding_level_name(f->level), f->subject);
        if (strlen(f->subject) > 11)
            printf("\n%*s", INDENT, "");
        put_words(f->text);
        if (f->level != FINDING_OK && *f->advice) {
            printf("%*s", INDENT, "");
            put_words(f->advice);
        }
    }
    static const char *const verdicts[] = {"can be recorded", "can be recorded, with restrictions",
                                           "cannot be recorded here"};
    printf("%s %s\n", program, verdicts[findings_worst(findings)]);
}

static int print_json(const struct findings *findings, const char *program)
{
    json_t *checks = json_array();
    for (unsigned i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->items[i];
        json_array_append_new(checks, json_pack("{s:s, s:s, s:s, s:s}", "level",
                                                finding_level_name(f->level), "subject", f->subject,
                                                "text", f->text, "advice",
                                                f->level == FINDING_OK ? "" : f->advice));
    }
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:o}", "schema", "ouro.doctor/1", "program", program, "verdict",
                  finding_level_name(findings_worst(findings)), "checks", checks);
    bool done = document && json_array_size(checks) == findings->count &&
                json_dumpf(document, stdout, JSON_INDENT(2)) == 0;
    if (done)
        putchar('\n');
    json_decref(document);
    return done ? EXIT_DONE : command_fail("doctor: the result cannot be written");
}

int command_doctor(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    bool json = false;
    const char *folder = ".";
    const struct option_spec options[] = {
        {"format", 'f', "text|json", "how to print (default: text)", OPTION_CHOICE, &format},
        {"json", 0, NULL, "the same as --format json", OPTION_FLAG, &json},
        {"output", 'o', "FOLDER", "where runs are to go (default: the present folder)", OPTION_TEXT,
         &folder},
        {0},
    };
    const struct usage usage = {
        "doctor",
        "[PYTHON]",
        "Prints whether a Python can be recorded on this machine, what will be missing,\n"
        "and why. PYTHON (default: python3) is started once, to do nothing.",
        options,
        0,
        1,
        "Exit code 0: it can be recorded, restricted or not. 1: it cannot.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    const char *program = argv[first] ? argv[first] : "python3";
    struct findings findings = {.count = 0};
    findings_interpreter(&findings, program);
    findings_machine(&findings, folder);
    if (format == JSON || json)
        status = print_json(&findings, program);
    else
        print_text(&findings, program);
    if (format == TEXT && !json)
        status = EXIT_DONE;
    return status == EXIT_DONE && findings_worst(&findings) == FINDING_UNUSABLE ? EXIT_GATE
                                                                                : status;
}
