/* SPDX-License-Identifier: MIT */
/* ouro verify */
#include <inttypes.h>
#include <stdio.h>

#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "graph/dominator_check.h"
#include "text/human.h"
#include "text/progress.h"

/* Whether the bytes of the objects directly below the roots are those of all live objects. */
static bool sums_agree(const struct snapshot *s, const struct retained *retained)
{
    const struct dominators *d = &retained->dominators;
    uint64_t live = 0, top = 0;
    for (uint32_t i = 0; i < d->live; i++) {
        uint32_t o = d->order[i];
        live += s->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(s, o);
        top += d->parent[o] == DOMINATOR_ROOTS ? retained->bytes[o] : 0;
    }
    return live == top;
}

static int verify(const struct report *report, const char *path)
{
    const struct snapshot *s = report->snapshot;
    struct retained retained;
    struct dominator_check check = {0};
    int status = EXIT_DONE;
    if (retained_find(s, &report->garbage, &retained) < 0 ||
        dominators_check(s, VIEW_STRONG, retained.roots.object, retained.roots.count,
                         report->garbage.class, &retained.dominators, &check) < 0) {
        progress_end();
        status = command_fail("%s: not enough memory", path);
        goto out;
    }
    progress_end();
    bool sums = sums_agree(s, &retained);
    if (check.verdict == DOMINATORS_DIFFER) {
        printf("the dominators do NOT hold: object #%" PRIu32 " 0x%" PRIx64 "\n", check.object,
               s->address[check.object]);
        status = EXIT_INCOMPLETE;
    } else if (check.verdict == DOMINATORS_UNDECIDED) {
        printf("undecided: the check takes too long on this heap\n");
        status = EXIT_INCOMPLETE;
    } else if (!sums) {
        printf("the retained sizes do NOT add up\n");
        status = EXIT_INCOMPLETE;
    } else {
        printf("verified: dominators of %s live objects, %" PRIu32
               " passes; retained sizes add up\n",
               human_count(retained.dominators.live).text, check.passes);
    }
out:
    retained_free(&retained);
    return status;
}

int command_verify(int argc, char **argv)
{
    uint64_t pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "verify",
        "RUN",
        "Checks what is calculated about a heap: dominators against a second, independent\n"
        "calculation, and that retained sizes add up.",
        options,
        1,
        1,
        "Exit code 3: it does not hold, or could not be decided.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if ((status = section_open_at(&section, argv[first], SECTION_NO_TOP, pid, snapshot)) !=
        EXIT_DONE)
        return status;
    progress_begin("verifying");
    if (report_build_retained(section.run, section.process, RETAINED_BY_OBJECT, 0, &report) < 0) {
        progress_end();
        status = command_fail("%s: not enough memory", argv[first]);
    } else if (!report.snapshot) {
        progress_end();
        status = command_fail("%s has no snapshot", argv[first]);
    } else {
        status = verify(&report, argv[first]);
    }
    report_free(&report);
    section_close(&section);
    return status;
}
