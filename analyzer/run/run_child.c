/* SPDX-License-Identifier: MIT */
#include "run/run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Signals that are taken one by one with sigwaitinfo(), all blocked in the parent. Those of the
 * terminal (SI_KERNEL) have reached the child by themselves, being sent to the whole group.
 */
static const int taken[] = {SIGCHLD, SIGINT,  SIGQUIT, SIGTERM, SIGHUP,
                            SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH};

/* In the child: becomes the program, or reports errno through the pipe. */
static _Noreturn void become(char *const *argv, const sigset_t *mask, int report)
{
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    int failure = errno;
    ssize_t written = write(report, &failure, sizeof failure);
    (void)written;
    _exit(127);
}

/* Stops this process the way the child was stopped, for the shell that watches it. */
static void stop_too(pid_t child)
{
    raise(SIGSTOP);
    /* Continued. The shell continues the whole group; somebody else perhaps only us. */
    kill(child, SIGCONT);
}

/* Takes note of the child's end or stop. Returns true when it has ended. */
static bool reap(pid_t child, struct child_result *result)
{
    int status;
    pid_t pid;
    /* All children: as process 1 of a container we inherit orphans. */
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
        if (pid != child)
            continue;
        if (WIFSTOPPED(status)) {
            int stop = WSTOPSIG(status);
            /* SIGSTOP is somebody's who deals with the child alone, a debugger for one. */
            if (stop == SIGTSTP || stop == SIGTTIN || stop == SIGTTOU)
                stop_too(child);
            continue;
        }
        result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        result->code = result->signal ? 128 + result->signal : WEXITSTATUS(status);
        return true;
    }
    return false;
}

static void wait_for(pid_t child, const sigset_t *set, struct child_result *result)
{
    while (!reap(child, result)) {
        siginfo_t info;
        int number = sigwaitinfo(set, &info);
        if (number > 0 && number != SIGCHLD && info.si_code <= 0) /* kill() and its kin */
            kill(child, number);
    }
}

/* Drops what came too late for the child, so that it does not hit us when it is unblocked. */
static void drain(const sigset_t *set)
{
    const struct timespec none = {0, 0};
    while (sigtimedwait(set, NULL, &none) > 0 || errno == EINTR)
        ;
}

/* Waits until the child has become the program; returns 0 or the errno of its attempt. */
static int await_start(int report)
{
    int failure = 0;
    ssize_t size;
    do {
        size = read(report, &failure, sizeof failure);
    } while (size < 0 && errno == EINTR);
    return size == (ssize_t)sizeof failure ? failure : 0;
}

int child_run(char *const *argv, struct child_result *result)
{
    sigset_t set, mask;
    int report[2];
    struct sigaction child_default = {.sa_handler = SIG_DFL}, child_before;
    *result = (struct child_result){0};
    if (pipe2(report, O_CLOEXEC) != 0)
        return -1;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        sigaddset(&set, taken[i]);
    sigprocmask(SIG_BLOCK, &set, &mask);
    pid_t child = fork();
    if (child == 0)
        become(argv, &mask, report[1]);
    int failure = errno;
    /* Should our caller ignore SIGCHLD, which the child inherits, waiting would not work. */
    sigaction(SIGCHLD, &child_default, &child_before);
    close(report[1]);
    if (child > 0) {
        result->pid = child;
        result->start_errno = await_start(report[0]);
        wait_for(child, &set, result);
        if (result->start_errno)
            result->code = result->start_errno == ENOENT ? 127 : 126;
    }
    close(report[0]);
    drain(&set);
    sigaction(SIGCHLD, &child_before, NULL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    errno = failure;
    return child > 0 ? 0 : -1;
}
