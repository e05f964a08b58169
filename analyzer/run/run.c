/* SPDX-License-Identifier: MIT */
/* `ouro run`: starts a program with the shim preloaded and sums up what it recorded. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/check_request.h"
#include "command/command.h"
#include "command/options.h"
#include "load/load.h"
#include "report/summary.h"
#include "run/run_child.h"
#include "run/run_folder.h"
#include "run/run_program.h"
#include "run/run_shim.h"
#include "text/progress.h"
#include "trace/run_files.h"
#include "trace/trace_wait.h"

/* The copy that writes a snapshot ends by itself after 120 s (OURO_SNAPSHOT_SECONDS). */
#define WAIT_SECONDS 130.0

struct request {
    const char *output;
    bool force, quiet;
    bool check; /* the run is judged when it has ended */
    struct check_request gate;
    struct shim_request shim;
};

/* Nothing was recorded: says why, as far as that can be told. */
static void explain_nothing(const struct run_folder *folder, char *const *command)
{
    fprintf(stderr,
            "ouro: nothing was recorded: %s ran no interpreter that ouro could profile (it knows "
            "CPython 3.8 to 3.15); %s\n",
            run_files_name(command[0]),
            folder->created ? "no run folder was left" : "the run folder is empty");
}

/* What the run says, on stderr. Whatever goes wrong here is reported but not the program's fault. Returns
 * whether there is a run that can be read. */
static bool sum_up(const struct run_folder *folder, char *const *command, bool quiet, bool refused)
{
    struct run_files files;
    struct run *run;
    char error[512];
    double patience = WAIT_SECONDS;
    if (run_files_list(folder->path, &files, error, sizeof error) != 0) {
        run_folder_discard(folder);
        if (!refused)
            explain_nothing(folder, command);
        return false;
    }
    bool settled = true;
    progress_begin("the program has ended; writing its last snapshot");
    for (size_t i = 0; i < files.count; i++)
        settled = trace_wait(files.paths[i], &patience) && settled;
    progress_end();
    run_files_free(&files);
    if (quiet)
        return true;
    if (!settled)
        fprintf(stderr, "ouro: a snapshot is still being written; 'ouro report %s' will show it\n",
                folder->shown);
    if (folder->numbered)
        fprintf(stderr, "ouro: recorded into %s, because the name before it was taken\n",
                folder->shown);
    if (run_open(folder->shown, &run, error, sizeof error) != 0) {
        fprintf(stderr, "ouro: %s\n", error);
        return false;
    }
    if (summary_print(stderr, run, folder->shown) != 0)
        fputs("ouro: not enough memory for the summary\n", stderr);
    run_free(run);
    return true;
}

/* The verdict on the run for a program that ended well; one that did not keeps its own exit code. */
static int verdict(const struct request *request, const struct run_folder *folder, bool recorded,
                   int code)
{
    if (!request->check)
        return code;
    int gate = recorded ? check_request_perform(&request->gate, folder->shown, stderr)
                        : command_fail("check: there is nothing to judge");
    return code ? code : gate;
}

/* Runs the program. Returns the exit code for ouro. */
static int launch(const struct request *request, char *const *command)
{
    struct run_folder folder = {0};
    struct child_result child;
    struct shim_request shim_request = request->shim;
    char error[1024];
    int code = EXIT_UNUSABLE;
    char *shim = shim_find(error, sizeof error);
    if (!shim || (shim_request.native && !shim_has_native(shim, error, sizeof error)) ||
        run_folder_prepare(&folder, request->output, request->force, command, error,
                           sizeof error) != 0) {
        command_fail("%s", error);
        goto done;
    }
    shim_request.folder = folder.path;
    bool refused = program_refuses_preload(command[0], error, sizeof error);
    if (refused)
        fprintf(stderr, "ouro: %s: nothing will be recorded in it\n", error);

    /* What summing up prints must not go to the program, nor what it sets back come to us. */
    fflush(NULL);
    if (shim_environment(shim, &shim_request) != 0 || child_run(command, &child) != 0) {
        command_fail("%s: cannot be started: %s", command[0], strerror(errno));
        run_folder_discard(&folder);
        goto done;
    }
    code = child.code;
    if (child.start_errno) {
        command_fail("%s: %s", command[0], strerror(child.start_errno));
        run_folder_discard(&folder);
        goto done;
    }
    bool recorded = sum_up(&folder, command, request->quiet, refused);
    code = verdict(request, &folder, recorded, code);
done:
    run_folder_free(&folder);
    free(shim);
    return code;
}

/* Digits with at most one point, and not zero; the shim reads them. NULL: nothing was given. */
static bool is_decimals(const char *text)
{
    if (!text)
        return true;
    size_t whole = strspn(text, "0123456789"), part = 0;
    if (text[whole] == '.')
        part = 1 + strspn(text + whole + 1, "0123456789");
    return whole && whole < 10 && part < 10 && !text[whole + part] &&
           text[strcspn(text, "123456789")];
}

int command_run(int argc, char **argv)
{
    bool gc_shapes = false, native = false;
    struct request request = {.shim = {.values = true, .snapshot = true}};
    const struct option_spec options[] = {
        {"output", 'o', "RUN", "the run folder (default: NAME.ouro, from the script or program)",
         OPTION_TEXT, &request.output},
        {"force", 'f', NULL, "replace the traces in a folder that is not empty", OPTION_FLAG,
         &request.force},
        {"quiet", 'q', NULL, "no summary at the end", OPTION_FLAG, &request.quiet},
        {"no-values", 0, NULL, "record no value of the program, only keyed hashes", OPTION_UNFLAG,
         &request.shim.values},
        {"lives", 0, NULL, "also record every object's life on its own (see 'ouro export')",
         OPTION_FLAG, &request.shim.lives},
        {"sample", 0, "BYTES",
         "record one allocation in so many bytes, as 512KiB; figures become "
         "estimates",
         OPTION_BYTES, &request.shim.sample},
        {"native", 0, NULL,
         "also record memory of malloc, by C and Python stack (see 'ouro native')", OPTION_FLAG,
         &native},
        {"native-sample", 0, "BYTES",
         "for --native: one block in so many bytes (default: 64KiB; 1: all)", OPTION_BYTES,
         &request.shim.native},
        {"seed", 0, "N", "draw the sample from this seed: the same program, the same sample",
         OPTION_NUMBER, &request.shim.seed},
        {"epoch", 0, "BYTES", "least allocation between epochs (default: 4M)", OPTION_BYTES,
         &request.shim.epoch},
        {"snapshot-every", 0, "SECONDS", "a snapshot every so often, as 60 or 0.5", OPTION_TEXT,
         &request.shim.snapshot_every},
        {"snapshot-growth", 0, "BYTES", "a snapshot whenever the heap grew by so much",
         OPTION_BYTES, &request.shim.snapshot_growth},
        {"snapshot-marks", 0, NULL, "a snapshot at the end of each test (pytest)", OPTION_FLAG,
         &request.shim.snapshot_marks},
        {"gc-shapes", 0, NULL, "also see which cycles the collector frees", OPTION_FLAG,
         &gc_shapes},
        {"gc-shapes-share", 0, "PERCENT", "of the run's time for that, at most (default: 2)",
         OPTION_TEXT, &request.shim.gc_shapes},
        {"no-snapshot", 0, NULL, "no snapshot at the end: counts of allocations only",
         OPTION_UNFLAG, &request.shim.snapshot},
        {"check", 0, NULL, "judge the run at the end, as 'ouro check' does, on stderr", OPTION_FLAG,
         &request.check},
        {"baseline", 0, "FILE", "for --check: what the run is compared with", OPTION_TEXT,
         &request.gate.baseline},
        {"config", 0, "FILE", "for --check: rules, limits and what is allowed", OPTION_TEXT,
         &request.gate.config},
        {"fail-on", 0, "RULES", "for --check: rules that fail, as new-cycle,growth=5%", OPTION_TEXT,
         &request.gate.fail_on},
        {"check-format", 0, CHECK_FORMATS, "for --check: how to print (default: text)",
         OPTION_CHOICE, &request.gate.format},
        {"check-output", 0, "FILE", "for --check: write that there, and the text to stderr",
         OPTION_TEXT, &request.gate.output},
        {"verbose", 'v', NULL, "let the recorder say what it does", OPTION_FLAG,
         &request.shim.verbose},
        {0},
    };
    const struct usage usage = {
        .command = "run",
        .synopsis = "[--] CMD [ARG]...",
        .description =
            "Runs CMD and records the lives of its Python objects into a run folder. Its input,\n"
            "output, terminal and signals are its own, and its exit code is passed on (128 + n\n"
            "when signal n ended it). At the end a summary is printed on stderr. Python programs\n"
            "that CMD starts are recorded, too.",
        .options = options,
        .operands_min = 1,
        .operands_max = -1,
        .more =
            "Exit codes of its own: 2 when CMD was not started, 126 when it is not executable, 127\n"
            "when there is no such command. With --check a program that ended with 0 gets the exit\n"
            "code of 'ouro check': 1 findings, 3 no verdict.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    if (native && !request.shim.native)
        request.shim.native = 64u << 10;
    if (gc_shapes && !request.shim.gc_shapes)
        request.shim.gc_shapes = "2";
    if (!is_decimals(request.shim.gc_shapes))
        return command_fail("--gc-shapes-share takes a percentage above 0, as 2 or 0.5, not '%s'",
                            request.shim.gc_shapes);
    if (!is_decimals(request.shim.snapshot_every))
        return command_fail("--snapshot-every takes seconds above 0, as 60 or 0.5, not '%s'",
                            request.shim.snapshot_every);
    const struct check_request *gate = &request.gate;
    if (!request.check &&
        (gate->baseline || gate->config || gate->fail_on || gate->format || gate->output))
        return command_fail("run: --baseline, --config, --fail-on, --check-format and "
                            "--check-output belong to --check");
    if (request.check && (status = check_request_test(gate)) != EXIT_DONE)
        return status;
    return launch(&request, argv + first);
}
