/* SPDX-License-Identifier: MIT */
#include "libc.h"

#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "marks.h"
#include "options.h"
#include "recorder.h"
#include "rlimit.h"
#include "runtime.h"
#include "seccomp.h"
#include "shim.h"
#include "snapshot.h"
#include "thread.h"

#define EXPORTED __attribute__((visibility("default")))

static struct {
    char *(*setlocale)(int, const char *);
    int (*execve)(const char *, char *const[], char *const[]);
    int (*execv)(const char *, char *const[]);
    int (*execvp)(const char *, char *const[]);
    int (*execvpe)(const char *, char *const[], char *const[]);
    int (*fexecve)(int, char *const[], char *const[]);
    pid_t (*fork)(void);
    int (*kill)(pid_t, int);
    int (*mlockall)(int);
    int (*setenv)(const char *, const char *, int);
    int (*unsetenv)(const char *);
    int (*putenv)(char *);
    void (*abort)(void) __attribute__((noreturn));
} real;

void libc_resolve(void)
{
    const struct {
        const char *name;
        void *slot;
    } wanted[] = {
        {"setlocale", &real.setlocale}, {"execve", &real.execve},   {"execv", &real.execv},
        {"execvp", &real.execvp},       {"execvpe", &real.execvpe}, {"fexecve", &real.fexecve},
        {"fork", &real.fork},           {"kill", &real.kill},       {"abort", &real.abort},
        {"mlockall", &real.mlockall},   {"setenv", &real.setenv},   {"unsetenv", &real.unsetenv},
        {"putenv", &real.putenv},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        void *symbol = dlsym(RTLD_NEXT, wanted[i].name);
        memcpy(wanted[i].slot, &symbol, sizeof symbol);
    }
    seccomp_resolve();
}

EXPORTED char *setlocale(int category, const char *locale)
{
    shim_poll();
    if (!real.setlocale)
        libc_resolve();
    return real.setlocale(category, locale);
}

/* Set in a forked child that tries to exec: the allocation clock then, plus one. */
static uint64_t tried_exec;

static void leave(enum ouro_end_reason reason, bool known, int status)
{
    const struct runtime *runtime = shim_runtime();
    if (!runtime || seccomp_forbidden(SECCOMP_RECORDING) || recorder_borrowed())
        return;
    if (this_thread
            .inside) /* a signal handler that leaves from within the recorder: not waited for */
        return;
    if (reason == OURO_END_EXEC && recorder_unborn())
        tried_exec = recorder_clock() + 1;
    /* A child that was to be another program and could not: nothing of it is worth a trace. */
    if (reason == OURO_END_UEXIT && recorder_unborn() && tried_exec == recorder_clock() + 1)
        return;
    if (reason == OURO_END_UEXIT && options.snapshot_at_exit && recorder_worth_a_snapshot())
        snapshot_take(OURO_SNAPSHOT_AT_UEXIT);
    recorder_end(reason, known, status);
}

/*
 * A library's constructor may exec before ours has run. An END is only written where the exec can
 * succeed as far as one can tell: a search along PATH tries folder after folder. path is NULL where
 * the C library searches.
 */
static void prepare_exec(const char *path)
{
    if (!real.execve)
        libc_resolve();
    if (recorder_unborn() || !path || seccomp_forbidden(SECCOMP_ASKING) || access(path, X_OK) == 0)
        leave(OURO_END_EXEC, false, 0);
    if (rlimit_widened)
        rlimit_before_exec();
}

/* It is still here. */
static int not_executed(int status)
{
    if (rlimit_widened)
        rlimit_after_exec();
    return status;
}

EXPORTED void _exit(int status)
{
    leave(OURO_END_UEXIT, true, status & 0xff);
    for (;;)
        syscall(SYS_exit_group, status);
}

EXPORTED void _Exit(int status)
{
    _exit(status);
}

EXPORTED int execve(const char *path, char *const arguments[], char *const environment[])
{
    prepare_exec(path);
    return not_executed(real.execve(path, arguments, environment));
}

EXPORTED int execv(const char *path, char *const arguments[])
{
    prepare_exec(path);
    return not_executed(real.execv(path, arguments));
}

EXPORTED int execvp(const char *file, char *const arguments[])
{
    prepare_exec(strchr(file, '/') ? file : NULL);
    return not_executed(real.execvp(file, arguments));
}

EXPORTED int execvpe(const char *file, char *const arguments[], char *const environment[])
{
    prepare_exec(strchr(file, '/') ? file : NULL);
    return not_executed(real.execvpe(file, arguments, environment));
}

EXPORTED int fexecve(int descriptor, char *const arguments[], char *const environment[])
{
    prepare_exec(NULL);
    return not_executed(real.fexecve(descriptor, arguments, environment));
}

EXPORTED pid_t fork(void)
{
    if (!real.fork)
        libc_resolve();
    pid_t pid = real.fork();
    if (pid > 0 && shim_runtime() && !seccomp_forbidden(SECCOMP_RECORDING) &&
        !recorder_borrowed() && !this_thread.inside)
        recorder_child((uint64_t)pid);
    return pid;
}

/* Python ends itself by the signal that interrupted it, so that its parent sees why. */
static bool ends_us(int number)
{
    struct sigaction action;
    if (number != SIGINT && number != SIGTERM && number != SIGHUP && number != SIGQUIT &&
        number != SIGPIPE && number != SIGALRM && number != SIGUSR1 && number != SIGUSR2)
        return false;
    return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
           action.sa_handler == SIG_DFL;
}

EXPORTED int kill(pid_t pid, int number)
{
    if (!real.kill)
        libc_resolve();
    if (!seccomp_forbidden(SECCOMP_RECORDING) && pid == getpid() && ends_us(number))
        leave(OURO_END_SIGNAL, true, number);
    return real.kill(pid, number);
}

/* Our tables are reserved by the gigabyte and used by the page: only what is used is locked. */
EXPORTED int mlockall(int flags)
{
    if (!real.mlockall)
        libc_resolve();
    return real.mlockall(shim_runtime() ? flags | (int)MCL_ONFAULT : flags);
}

/* All other names cost one comparison, of their first letter as a rule. */
static bool tells_test(const char *name)
{
    return name && strncmp(name, MARKS_TEST_VARIABLE, strlen(MARKS_TEST_VARIABLE)) == 0;
}

EXPORTED int setenv(const char *name, const char *value, int overwrite)
{
    if (!real.setenv)
        libc_resolve();
    int status = real.setenv(name, value, overwrite);
    if (tells_test(name) && !name[strlen(MARKS_TEST_VARIABLE)] && status == 0)
        marks_test(value);
    return status;
}

EXPORTED int unsetenv(const char *name)
{
    if (!real.unsetenv)
        libc_resolve();
    int status = real.unsetenv(name);
    if (tells_test(name) && !name[strlen(MARKS_TEST_VARIABLE)] && status == 0)
        marks_test(NULL);
    return status;
}

EXPORTED int putenv(char *entry)
{
    if (!real.putenv)
        libc_resolve();
    int status = real.putenv(entry);
    if (tells_test(entry) && entry[strlen(MARKS_TEST_VARIABLE)] == '=' && status == 0)
        marks_test(entry + strlen(MARKS_TEST_VARIABLE) + 1);
    return status;
}

EXPORTED void abort(void)
{
    if (!real.abort)
        libc_resolve();
    leave(OURO_END_SIGNAL, true, SIGABRT);
    real.abort();
}
