/* SPDX-License-Identifier: MIT */
/* ouro push */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "command/output_file.h"
#include "command/section.h"
#include "export/pprof.h"
#include "push/push.h"
#include "text/human.h"
#include "text/progress.h"

/* What the command line says but for the run. */
struct push_command {
    struct push_options options;
    bool dry, all;
};

/* The profile in memory, to be released with free(). Returns an exit code, after it has told the user
 * what is wrong. */
static int profile_make(const struct run *run, const struct process *process, char **bytes,
                        size_t *size)
{
    char error[1024] = "";
    const struct export_request request = {
        .run = run,
        .process = process,
        .snapshot = process_last_snapshot(process),
    };
    FILE *out = open_memstream(bytes, size);
    if (!out)
        return command_fail("not enough memory");
    progress_begin("exporting");
    int status = output_file_status(pprof_write(out, &request, error, sizeof error));
    progress_end();
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    if (*error)
        return command_fail("%s", error);
    return failed ? command_fail("not enough memory") : status;
}

/* Says what would be sent. A header that is a secret is named without its value. */
static void dry_run(const struct push *push, const char *address, size_t profile_size)
{
    const struct http_request *request = &push->request;
    printf("would be sent, without --dry-run:\n  POST %s\n", address);
    for (size_t i = 0; i < request->header_count; i++) {
        const char *header = request->headers[i];
        size_t name = strcspn(header, ":");
        if (!header[name + 1])
            continue;
        bool secret = push->is_secret && i + 1 == request->header_count;
        printf("  %.*s: %s\n", (int)name, header,
               secret ? "(of OURO_PUSH_AUTHORIZATION)" : header + name + 2);
    }
    printf("  %s, of which the profile %s\n", human_bytes(request->body_size).text,
           human_bytes(profile_size).text);
}

static int send_it(const struct push *push, size_t profile_size, bool dry)
{
    char error[1024] = "";
    struct http *http = http_open(error, sizeof error);
    char *address = http ? http_address(http, &push->request, error, sizeof error) : NULL;
    int status = EXIT_DONE;
    if (!address || (!dry && http_post(http, &push->request, error, sizeof error) < 0))
        status = command_fail("push: %s", error);
    else if (dry)
        dry_run(push, address, profile_size);
    else
        printf("sent %s as %s to %s\n", human_bytes(push->request.body_size).text, push->series,
               address);
    free(address);
    http_close(http);
    return status;
}

static int push_process(const struct run *run, const struct process *process,
                        const struct push_options *options, const char *path, bool dry)
{
    char error[1024] = "", *profile = NULL;
    size_t size = 0;
    struct push push = {.name = NULL};
    int status = profile_make(run, process, &profile, &size);
    if (status == EXIT_UNUSABLE)
        goto out;
    if (push_make(options, path, process, profile, size, &push, error, sizeof error) < 0)
        status = command_fail("%s", error);
    else if (send_it(&push, size, dry) == EXIT_UNUSABLE)
        status = EXIT_UNUSABLE;
    else if (status == EXIT_INCOMPLETE)
        command_fail("%s: parts of the run are damaged, and what was in them is not in the "
                     "profile; see 'ouro report'",
                     path);
out:
    push_free(&push);
    free(profile);
    return status;
}

/* The process chosen; or all, each with its number as a label, up to the first that fails. */
static int push_run(const struct section *section, const struct push_command *command,
                    const char *path)
{
    struct push_options options = command->options;
    int status = EXIT_DONE;
    if (!command->all)
        return push_process(section->run, section->process, &options, path, command->dry);
    for (uint32_t i = 0; i < section->run->process_count && status != EXIT_UNUSABLE; i++) {
        const struct process *process = &section->run->processes[i];
        const char *given = command->options.labels ? command->options.labels : "";
        char *labels = NULL;
        if (asprintf(&labels, "%s%spid=%" PRIu64, given, *given ? "," : "", process->pid) < 0)
            return command_fail("not enough memory");
        options.labels = labels;
        int one = push_process(section->run, process, &options, path, command->dry);
        status = one == EXIT_DONE ? status : one;
        free(labels);
    }
    return status;
}

int command_push(int argc, char **argv)
{
    unsigned protocol = PUSH_PYROSCOPE;
    uint64_t pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    struct push_command command = {
        .options = {.timeout = 30, .authorization = getenv("OURO_PUSH_AUTHORIZATION")}};
    struct push_options *options = &command.options;
    const struct option_spec specs[] = {
        {"protocol", 0, "pyroscope|parca", "what URL understands (default: pyroscope)",
         OPTION_CHOICE, &protocol},
        {"name", 0, "NAME", "of the application (default: that of RUN)", OPTION_TEXT,
         &options->name},
        {"labels", 0, "K=V,...", "labels to find it by, as env=staging,region=eu", OPTION_TEXT,
         &options->labels},
        {"tenant", 0, "ID", "for servers that have several (header X-Scope-OrgID)", OPTION_TEXT,
         &options->tenant},
        {"timeout", 0, "SECONDS", "for the whole transfer (default: 30)", OPTION_NUMBER,
         &options->timeout},
        {"dry-run", 0, NULL, "say what would be sent, and send nothing", OPTION_FLAG, &command.dry},
        SECTION_PROCESS_OPTION(&pid),
        {"all", 'a', NULL, "all processes of the run, each with its number as the label pid",
         OPTION_FLAG, &command.all},
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "push",
        "RUN URL",
        "Sends a process of a run as a pprof profile to a server for continuous profiling.",
        specs,
        2,
        2,
        "URL is http:// or https://; without a path it gets the one that servers of that kind have.\n"
        "What stands in the environment variable OURO_PUSH_AUTHORIZATION is sent as the header\n"
        "Authorization, as 'Bearer TOKEN'. Proxies are those of the environment (https_proxy, ...),\n"
        "certificates those of the system and of the file in CURL_CA_BUNDLE or SSL_CERT_FILE.\n"
        "The profile has names of functions, files and types and the command line, no values.\n\n"
        "Exit code 2: nothing was sent, or the server did not take it. 3: sent, but parts of the\n"
        "trace are damaged.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    if (first < 0)
        return status;
    if (command.all && (pid != SECTION_NO_PROCESS || snapshot))
        return command_fail("push: --all is of all processes: no --process, no --snapshot");
    if (!options->timeout)
        return command_fail("push: --timeout is a number of seconds from 1 on");
    options->protocol = (enum push_protocol)protocol;
    options->url = argv[first + 1];
    if (options->authorization && !*options->authorization)
        options->authorization = NULL;
    if ((status = section_open_at(&section, argv[first], SECTION_NO_TOP, pid, snapshot)) !=
        EXIT_DONE)
        return status;
    status = push_run(&section, &command, argv[first]);
    section_close(&section);
    return status;
}
