/* SPDX-License-Identifier: MIT */
/* ouro check */
#include <stdio.h>

#include "command/check_request.h"
#include "command/command.h"
#include "command/options.h"

int command_check(int argc, char **argv)
{
    struct check_request request = {0};
    const struct option_spec options[] = {
        {"baseline", 'b', "FILE", "what the run is compared with (ouro baseline writes one)",
         OPTION_TEXT, &request.baseline},
        {"config", 'c', "FILE", "rules, limits and what is allowed: JSON, see docs/ci.md",
         OPTION_TEXT, &request.config},
        {"fail-on", 0, "RULES", "rules that fail, as new-cycle,growth=5%; or all, none",
         OPTION_TEXT, &request.fail_on},
        {"format", 'f', CHECK_FORMATS, "how to print (default: text)", OPTION_CHOICE,
         &request.format},
        {"output", 'o', "FILE", "write that there, and the text to standard output", OPTION_TEXT,
         &request.output},
        {"update", 0, NULL, "make the run the new baseline; what has not changed stays as it is",
         OPTION_FLAG, &request.update},
        {0},
    };
    const struct usage usage = {
        "check",
        "RUN",
        "Judges a run, as a gate in a pipeline: new kinds of leaked cycles, objects that cannot be\n"
        "collected, leaked references, and what grew against a baseline.",
        options,
        1,
        1,
        check_request_help,
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    if ((status = check_request_test(&request)) != EXIT_DONE)
        return status;
    return check_request_perform(&request, argv[first], stdout);
}
