/* SPDX-License-Identifier: MIT */
/* `ouro snapshot`: asks a program that runs under ouro for a snapshot and says what became of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "run/run_request.h"
#include "text/human.h"

/* Said of a process that did not answer. */
static int no_answer(int64_t pid, uint64_t seconds)
{
    return command_fail("process %" PRId64 " took no snapshot within %" PRIu64
                        " s: it computes without allocating, or is in a call that takes long",
                        pid, seconds);
}

static int tell(int64_t pid, const struct request_answer *answer)
{
    char text[256];
    int used = snprintf(text, sizeof text, "snapshot %" PRIu32 " of process %" PRId64,
                        answer->number, pid);
    if (answer->pause)
        snprintf(text + used, sizeof text - (size_t)used, ": %s objects, paused %s",
                 human_count(answer->objects).text, human_duration(answer->pause).text);
    if (answer->incomplete)
        return command_fail("%s, but it is incomplete; see 'ouro info'", text);
    puts(text);
    return EXIT_DONE;
}

int command_snapshot(int argc, char **argv)
{
    uint64_t seconds = 30;
    const struct option_spec options[] = {
        {"timeout", 't', "SECONDS", "how long to wait for it (default: 30)", OPTION_NUMBER,
         &seconds},
        {0},
    };
    const struct usage usage = {
        .command = "snapshot",
        .synopsis = "PID",
        .description =
            "Asks the process PID, which was started under 'ouro run' by the same user,\n"
            "for a snapshot of its heap, and waits until it is written. The program goes on\n"
            "after a pause of milliseconds. The snapshot is one more in its run folder: see\n"
            "--snapshot of the commands that show a heap.",
        .options = options,
        .operands_min = 1,
        .operands_max = 1,
        .more =
            "PID may also be that of 'ouro run' itself. Exit code 2: there is no snapshot, for the reason said.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    char *end, error[1024];
    errno = 0;
    long long pid = strtoll(argv[first], &end, 10);
    if (errno || *end || end == argv[first] || pid <= 0 || pid > INT32_MAX)
        return command_fail("'%s' is not the number of a process", argv[first]);
    struct request_answer answer;
    pid = request_subject((int)pid);
    switch (request_snapshot((int)pid, (double)seconds, &answer, error, sizeof error)) {
    case REQUEST_DONE:
        return tell(pid, &answer);
    case REQUEST_NO_ANSWER:
        return no_answer(pid, seconds);
    default:
        return command_fail("%s", error);
    }
}
