/* SPDX-License-Identifier: MIT */
/* ouro cycles */
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "compare/known_cycles.h"
#include "patterns/pattern_match.h"
#include "report/page.h"
#include "text/progress.h"

/* What to print of the groups. */
struct choice {
    unsigned verdict; /* VERDICT_COUNT: any */
    const char *type; /* NULL: any */
    const char *signature;
    bool pending; /* those that only wait for the collector as if they were leaks */
};

/* Whether a type is meant: by its whole name, by what follows the last dot, or by a glob. */
static bool type_is(const char *meant, const char *type)
{
    const char *dot = strrchr(type, '.');
    return pattern_glob(meant, strlen(meant), type) || (dot && !strcmp(dot + 1, meant));
}

static bool has_type(const struct cycle_group *group, const char *type)
{
    for (uint32_t i = 0; i < group->member_count; i++) {
        if (type_is(type, group->members[i].type))
            return true;
    }
    return false;
}

/* Whether a signature begins with what was given, with or without "cycle:". */
static bool signature_is(const struct cycle_group *group, const char *given)
{
    const char *own = group->signature;
    if (strncmp(given, "cycle:", 6) != 0)
        own += strlen("cycle:");
    return *given && !strncmp(own, given, strlen(given));
}

/* Leaves only what is wanted in the lists; totals stay those of the whole. */
static void select_groups(struct cycles *cycles, const struct choice *choice)
{
    uint32_t kept = 0;
    for (uint32_t g = 0; g < cycles->group_count; g++) {
        const struct cycle_group *group = &cycles->groups[g];
        if ((choice->verdict != VERDICT_COUNT && group->verdict != choice->verdict) ||
            (choice->type && !has_type(group, choice->type)) ||
            (choice->signature && !signature_is(group, choice->signature))) {
            if (group->pending) {
                cycles->pending_groups--;
                cycles->pending_count -= group->count;
                cycles->pending_bytes -= group->bytes;
            }
            continue;
        }
        cycles->groups[kept++] = *group;
    }
    cycles->group_count = kept;
    if (choice->pending)
        cycles->pending_groups = 0;
    uint32_t held = 0;
    for (uint32_t g = 0; g < cycles->held.group_count; g++) {
        const struct held_group *group = &cycles->held.groups[g];
        if ((choice->verdict != VERDICT_COUNT && choice->verdict != VERDICT_EXTERNALLY_HELD) ||
            (choice->type && !type_is(choice->type, group->type)) || choice->signature)
            continue;
        cycles->held.groups[held++] = *group;
    }
    cycles->held.group_count = held;
}

int command_cycles(int argc, char **argv)
{
    enum { TEXT, JSON, DOT, MARKDOWN };
    unsigned format = TEXT;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    struct choice choice = {.verdict = VERDICT_COUNT};
    const char *snapshot = NULL, *baseline = NULL;
    char error[1024];
    const struct option_spec options[] = {
        {"verdict", 'v', "garbage|uncollectable|externally-held", "only these", OPTION_CHOICE,
         &choice.verdict},
        {"type", 't', "NAME", "only cycles with an object of this type ('*' for any text)",
         OPTION_TEXT, &choice.type},
        {"pending", 0, NULL, "show in full also what only waits for the collector", OPTION_FLAG,
         &choice.pending},
        {"top", 'n', "N", "kinds, 0 for all (default: json all, others 10)", OPTION_NUMBER, &top},
        {"format", 'f', "text|json|dot|markdown", "how to print (default: text)", OPTION_CHOICE,
         &format},
        SECTION_PROCESS_OPTION(&pid),
        {"baseline", 'b', "FILE", "say which kinds this baseline does not have (ouro baseline)",
         OPTION_TEXT, &baseline},
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "cycles",
        "RUN [SIGNATURE]",
        "Prints leaked cycles, grouped by kind: why they are there, where they were made, and\n"
        "which reference to cut; and objects with references that nothing known owns.",
        options,
        1,
        2,
        "SIGNATURE (or its beginning) names one kind, which is then printed in full: all places with\n"
        "their whole stacks, all types, examples. `ouro explain PATTERN` tells more about a pattern.\n"
        "Exit code 3: parts of the trace are damaged, or reference counts do not add up.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    struct section section;
    struct report report;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_cycles(section.run, section.process, &report);
    if ((status = section_built(built, &report, argv[first])) == EXIT_UNUSABLE)
        goto out;
    if (baseline && known_cycles_mark(baseline, &report.cycles, error, sizeof error) < 0) {
        status = command_fail("%s", error);
        goto out;
    }
    choice.signature = argc > first + 1 ? argv[first + 1] : NULL;
    bool full = choice.signature;
    select_groups(&report.cycles, &choice);
    if (full && !report.cycles.group_count) {
        status = command_fail("%s has no cycles of the kind %s", argv[first], choice.signature);
        goto out;
    }
    if (format == TEXT)
        report_cycles_text(stdout, &report, argv[first], section.top, full, page_locale_is_utf8());
    else if (format == DOT)
        report_cycles_dot(stdout, &report, section.top);
    else if (format == MARKDOWN)
        report_cycles_markdown(stdout, &report, argv[first], section.top);
    else if (report_cycles_json(stdout, &report, section.top) < 0)
        status = command_fail("%s: the report cannot be written", argv[first]);
out:
    report_free(&report);
    section_close(&section);
    return status;
}
