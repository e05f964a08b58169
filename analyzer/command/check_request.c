/* SPDX-License-Identifier: MIT */
#include "command/check_request.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "command/command.h"
#include "command/new_file.h"
#include "compare/baseline.h"
#include "compare/comparand.h"
#include "compare/judge.h"
#include "compare/renewal.h"
#include "report/check.h"
#include "report/page.h"

const char check_request_help[] =
    "Exit codes: 0 passed, 1 findings of rules that fail, 2 wrong usage or unreadable input, 3 no\n"
    "verdict: the data is damaged, does not add up, or has no snapshot.\n"
    "Rules: new-cycle, more-cycles, uncollectable, leaked-reference, growth-suspect, line-growth,\n"
    "type-growth, growth, peak, allocations, duplicates, leaking-test; of runs with --native\n"
    "native-line-growth, native-growth, native-leak, native-growth-suspect. 'growth=5%' and\n"
    "'growth=10MiB' say how much more is no finding yet, 'peak<=200MiB' how much may be there at\n"
    "all. docs/ci.md has recipes.";

/* The policy of a request. Returns an exit code. */
static int policy_make(const struct check_request *request, struct policy *policy)
{
    char error[1024], today[16];
    policy_today(today);
    if (policy_begin(policy) < 0)
        return command_fail("check: not enough memory");
    if (request->config && policy_read(policy, request->config, today, error, sizeof error) < 0)
        return command_fail("%s", error);
    if (request->fail_on && policy_fail_on(policy, request->fail_on, error, sizeof error) < 0)
        return command_fail("check: --fail-on: %s", error);
    return EXIT_DONE;
}

/* The baseline of a request; with --update there need not be one yet. Returns an exit code. */
static int baseline_make(const struct check_request *request, struct digest *baseline, bool *found)
{
    char error[1024];
    *found = false;
    if (!request->baseline)
        return EXIT_DONE;
    FILE *file = fopen(request->baseline, "re");
    bool absent = !file && errno == ENOENT;
    if (file)
        fclose(file);
    if (absent && request->update)
        return EXIT_DONE;
    if (baseline_read(request->baseline, baseline, error, sizeof error) < 0)
        return command_fail("%s%s", error, absent ? "; 'ouro baseline' or --update makes one" : "");
    *found = true;
    return EXIT_DONE;
}

int check_request_test(const struct check_request *request)
{
    struct policy policy;
    struct digest baseline = {0};
    bool found;
    if (request->update && !request->baseline)
        return command_fail("check: --update needs the --baseline to update");
    int status = policy_make(request, &policy);
    if (status == EXIT_DONE)
        status = baseline_make(request, &baseline, &found);
    policy_free(&policy);
    digest_free(&baseline);
    return status;
}

static int baseline_update(const struct check_request *request, const struct judgement *judgement,
                           const struct digest *run)
{
    struct new_file file;
    struct digest renewed = {0};
    if (judgement->baseline && renewal_make(judgement, &renewed) < 0) {
        digest_free(&renewed);
        return command_fail("check: not enough memory");
    }
    int problem = 0;
    if (new_file_open(&file, request->baseline) < 0 ||
        baseline_write(file.out, judgement->baseline ? &renewed : run) < 0 ||
        new_file_commit(&file) < 0) {
        problem = errno;
        new_file_discard(&file);
    }
    digest_free(&renewed);
    return problem ? command_fail("%s: cannot be written: %s", request->baseline, strerror(problem))
                   : EXIT_DONE;
}

static int result_write(const struct check_request *request, const struct check_report *report,
                        FILE *out)
{
    bool utf8 = page_locale_is_utf8();
    if (!request->output) {
        if (check_write(out, report, request->format, utf8) < 0)
            return command_fail("check: the result cannot be written");
        return EXIT_DONE;
    }
    struct new_file file;
    if (new_file_open(&file, request->output) < 0 ||
        check_write(file.out, report, request->format, utf8) < 0 || new_file_commit(&file) < 0) {
        int problem = errno;
        new_file_discard(&file);
        return command_fail("%s: cannot be written: %s", request->output, strerror(problem));
    }
    if (request->format != CHECK_TEXT && check_write(out, report, CHECK_TEXT, utf8) < 0)
        return command_fail("check: the result cannot be written");
    return EXIT_DONE;
}

int check_request_perform(const struct check_request *request, const char *path, FILE *out)
{
    struct policy policy = {0};
    struct digest baseline = {0}, run = {0};
    struct judgement judgement = {0};
    char error[1024], started[32] = "1970-01-01T00:00:00", *paths[] = {(char *)path};
    bool found = false;
    int status = policy_make(request, &policy);
    if (status == EXIT_DONE)
        status = baseline_make(request, &baseline, &found);
    if (status != EXIT_DONE)
        goto out;
    if (comparand_read(paths, 1, &run, error, sizeof error) < 0) {
        status = command_fail("%s", error);
        goto out;
    }
    if (judge(found ? &baseline : NULL, &run, &policy, &judgement) < 0) {
        status = command_fail("check: not enough memory");
        goto out;
    }
    struct tm day;
    time_t wall = (time_t)(run.wall / 1000000000u);
    if (gmtime_r(&wall, &day))
        strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%S", &day);
    bool incomplete = run.damaged || !(run.known & 1u << DIGEST_ALIVE);
    const struct check_report report = {
        .judgement = &judgement,
        .run = path,
        .baseline = found ? request->baseline : NULL,
        .started = started,
        .updated = request->update && !incomplete,
    };
    if ((status = result_write(request, &report, out)) != EXIT_DONE)
        goto out;
    if (incomplete) {
        command_fail("check: %s", run.damaged ? "the data is damaged or does not add up: no verdict"
                                              : "a process has no whole snapshot: no verdict");
        status = EXIT_INCOMPLETE;
    } else if (request->update) {
        status = baseline_update(request, &judgement, &run);
    } else {
        status = judgement.failures ? EXIT_GATE : EXIT_DONE;
    }
out:
    judgement_free(&judgement);
    digest_free(&run);
    digest_free(&baseline);
    policy_free(&policy);
    return status;
}
