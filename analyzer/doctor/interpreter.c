/* SPDX-License-Identifier: MIT */
/*
 * Whether an interpreter can be recorded is found out by recording it: it does nothing for once, into
 * a folder of its own that is removed afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doctor/findings.h"
#include "load/load.h"
#include "run/run_program.h"
#include "run/run_shim.h"
#include "text/human.h"
#include "text/text.h"
#include "trace/run_files.h"

#define TRIAL_SECONDS 30

/* What the interpreter says of itself, one line. */
static const char program_text[] =
    "import sys\n"
    "kind = 'shared library' if 'libpython' in open('/proc/self/maps').read() else 'static'\n"
    "if not getattr(sys, '_is_gil_enabled', bool)() and sys.version_info >= (3, 13):\n"
    "    kind += ', no global lock'\n"
    "if hasattr(sys, 'gettotalrefcount'):\n"
    "    kind += ', debug build'\n"
    "print(sys.version.split()[0] + ' (' + sys.executable + ', ' + kind + ')')\n";

struct trial {
    char folder[64];
    char says[256];    /* the line above, escaped */
    char refusal[256]; /* what the library said, escaped; "" if nothing */
    int status;        /* as waitpid() has it */
    bool ended;
};

/* The first line of a file that begins with a prefix, without it, fit to be printed. */
static void line_of(int fd, const char *prefix, char *out, size_t size)
{
    char text[4096];
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = 0;
    out[0] = 0;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        if (strncmp(line, prefix, strlen(prefix)) == 0 && line[strlen(prefix)]) {
            const char *said = line + strlen(prefix);
            text_escape_into(out, size, (const unsigned char *)said, strlen(said), TEXT_NAME);
            return;
        }
    }
}

/* In the child: becomes the interpreter. */
static _Noreturn void become(const char *program, const char *shim, const struct trial *trial,
                             int out, int err)
{
    const struct shim_request request = {
        .folder = trial->folder, .values = false, .snapshot = true};
    char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "-I", (char *)(uintptr_t) "-c",
                    (char *)(uintptr_t)program_text, NULL};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        dup2(err, STDERR_FILENO) >= 0 && shim_environment(shim, &request) == 0) {
        unsetenv("OURO_VALUES");
        execvp(program, argv);
    }
    _exit(127);
}

/* Waits for the child, which is ended if it takes too long. */
static void await(pid_t child, struct trial *trial)
{
    const struct timespec step = {0, 10000000};
    for (int i = 0; i < TRIAL_SECONDS * 100; i++) {
        pid_t done = waitpid(child, &trial->status, WNOHANG);
        if (done == child || (done < 0 && errno != EINTR)) {
            trial->ended = done == child;
            return;
        }
        nanosleep(&step, NULL);
    }
    kill(child, SIGKILL);
    (void)waitpid(child, &trial->status, 0);
}

/* A file in memory, beyond the standard streams, which may be closed. */
static int text_file(const char *name)
{
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(descriptor);
    return moved;
}

/* Returns false, with errno set, when it could not be tried. */
static bool try_it(const char *program, const char *shim, struct trial *trial)
{
    const char *temporary = getenv("TMPDIR");
    if (!temporary || strlen(temporary) > sizeof trial->folder - 32 || temporary[0] != '/')
        temporary = "/tmp";
    snprintf(trial->folder, sizeof trial->folder, "%s/ouro-doctor-XXXXXX", temporary);
    if (!mkdtemp(trial->folder)) {
        trial->folder[0] = 0;
        return false;
    }
    int out = text_file("out"), err = text_file("err");
    fflush(NULL);
    pid_t child = out >= 0 && err >= 0 ? fork() : -1;
    int problem = errno;
    if (child == 0)
        become(program, shim, trial, out, err);
    if (child > 0) {
        await(child, trial);
        line_of(out, "", trial->says, sizeof trial->says);
        line_of(err, "ouro: ", trial->refusal, sizeof trial->refusal);
    }
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
    errno = problem;
    return child > 0;
}

static void forget(const struct trial *trial)
{
    char error[256];
    struct run_files files;
    if (!trial->folder[0])
        return;
    if (run_files_list(trial->folder, &files, error, sizeof error) == 0) {
        for (size_t i = 0; i < files.count; i++)
            (void)unlink(files.paths[i]);
        run_files_free(&files);
    }
    (void)rmdir(trial->folder);
}

static void judge_stacks(struct findings *f, const struct process *p)
{
    if (p->flags & OURO_PROCESS_FREE_THREADED)
        findings_add(f, FINDING_DEGRADED, "threads", "docs/limits.md lists what differs",
                     "this build runs without a global lock: the collector is recorded less well");
    if (p->flags & OURO_PROCESS_APPROXIMATE)
        findings_add(f, FINDING_DEGRADED, "stacks", "CPython 3.13 and later tell, and are exact",
                     "approximate: recycled blocks keep the line of their first allocation");
    else
        findings_add(f, FINDING_OK, "stacks", NULL, "exact");
}

static void judge_snapshot(struct findings *f, const struct process *p)
{
    const struct snapshot *s = process_last_snapshot(p);
    if (s && s->status == OURO_SNAPSHOT_COMPLETE)
        findings_add(f, FINDING_OK, "snapshots", NULL, "%s objects, the program paused %s",
                     human_count(s->objects).text, human_duration(s->pause).text);
    else
        findings_add(f, FINDING_DEGRADED, "snapshots",
                     "only allocations are counted: no cycles, no paths", "not taken: %s",
                     p->snapshot_count && *p->snapshots[p->snapshot_count - 1].text
                         ? p->snapshots[p->snapshot_count - 1].text
                         : "a copy of the process could not be made");
}

static void judge(struct findings *f, const char *program, const struct trial *trial)
{
    char error[512];
    struct run *run;
    if (trial->ended && WIFEXITED(trial->status) && WEXITSTATUS(trial->status) == 127) {
        findings_add(f, FINDING_UNUSABLE, "interpreter", "name one: 'ouro doctor /usr/bin/python3'",
                     "%s cannot be started", program);
        return;
    }
    if (!trial->ended || !WIFEXITED(trial->status) || WEXITSTATUS(trial->status) != 0) {
        findings_add(f, FINDING_UNUSABLE, "interpreter", NULL, "%s did not end well%s%s", program,
                     *trial->refusal ? ": " : "", trial->refusal);
        return;
    }
    if (run_open(trial->folder, &run, error, sizeof error) != 0) {
        findings_add(f, FINDING_UNUSABLE, "interpreter",
                     *trial->refusal ? NULL : "ouro knows CPython 3.8 to 3.15", "%s: %s",
                     *trial->says ? trial->says : program,
                     *trial->refusal ? trial->refusal : "nothing was recorded");
        return;
    }
    const struct process *p = &run->processes[0];
    findings_add(f, FINDING_OK, "interpreter", NULL, "%s %s", p->runtime, trial->says);
    judge_stacks(f, p);
    judge_snapshot(f, p);
    run_free(run);
}

void findings_interpreter(struct findings *f, const char *program)
{
    char error[512];
    struct trial trial = {.ended = false};
    char *shim = shim_find(error, sizeof error);
    if (!shim) {
        findings_add(f, FINDING_UNUSABLE, "library", "install ouro anew", "%s", error);
        return;
    }
    findings_add(f, FINDING_OK, "library", NULL, "%s", shim);
    const char *name = run_files_name(program);
    if (program_refuses_preload(program, error, sizeof error)) {
        findings_add(f, FINDING_UNUSABLE, "interpreter",
                     "nothing can be preloaded into such a program", "%s", error);
    } else if (strncmp(name, "python", 6) != 0 && strncmp(name, "pypy", 4) != 0) {
        findings_add(f, FINDING_DEGRADED, "interpreter",
                     "name the Python that it uses, or record it: 'ouro run -- PROGRAM'",
                     "%s is no interpreter by its name, and was not started", program);
    } else if (try_it(program, shim, &trial)) {
        judge(f, program, &trial);
    } else {
        findings_add(f, FINDING_DEGRADED, "interpreter", NULL, "%s could not be tried%s: %s",
                     program, *trial.folder ? "" : " (no temporary folder)", strerror(errno));
    }
    forget(&trial);
    free(shim);
}
