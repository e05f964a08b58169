/* SPDX-License-Identifier: MIT */
#include "photocopy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES (1u << 20) /* of the helper and of the copy, which inherits it */

static struct {
    int pages;
    uintptr_t stack;
} copy = {.pages = -1};

struct job {
    void (*body)(void *argument);
    void *argument;
    const int *keep;
    sigset_t signals; /* the program's mask */
    bool made;
};

static void close_between(unsigned first, unsigned last)
{
    if (first > last)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    for (unsigned fd = first; fd <= last && (long)fd < limit; fd++)
        close((int)fd);
}

static void close_all_but(const int *keep)
{
    unsigned next = 0;
    for (const int *fd = keep; *fd >= 0; fd++) {
        if (*fd > 0 && (unsigned)*fd > next)
            close_between(next, (unsigned)*fd - 1);
        next = (unsigned)*fd + 1;
    }
    close_between(next, UINT_MAX);
}

/* Where memory runs out the kernel takes the copy, not the program. */
static void expendable(void)
{
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0)
        return;
    ssize_t written = write(score, "1000", 4);
    (void)written;
    close(score);
}

static void run(struct job *job)
{
    close_all_but(job->keep);
    prctl(PR_SET_NAME, "ouro-snapshot");
    expendable();
    copy.pages =
        open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC); /* nobody's after the next line */
    prctl(PR_SET_DUMPABLE, 0);                            /* no core file of a copy */
    if (chdir("/") != 0) { /* what the program has mounted it may unmount */
    }
    /* The program's signals are not for the copy, and its handlers must not run here. */
    static const int ignored[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
                                  SIGTSTP, SIGXFSZ, SIGUSR1, SIGUSR2};
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL); /* refused for those that cannot be caught */
    for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    job->body(job->argument);
    _exit(0);
}

/*
 * Runs in the program's own memory while the program waits (CLONE_VFORK): makes the copy and ends,
 * which orphans it. The only page tables copied are the copy's.
 */
static int helper(void *argument)
{
    struct job *job = argument;
    close_all_but(job->keep); /* the helper has a table of its own, and the copy gets it */
    long pid = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL); /* no signal at its end */
    if (pid == 0)
        run(job);
    job->made = pid > 0;
    syscall(SYS_exit, 0); /* not exit_group's handlers, not atexit */
    return 0;
}

pid_t photocopy_child(void (*body)(void *argument), void *argument, const int *keep)
{
    struct job job = {.body = body, .argument = argument, .keep = keep};
    sigset_t all;
    sigfillset(&all); /* none of the program's handlers may run in the copy */
    pthread_sigmask(SIG_SETMASK, &all, &job.signals);
    long pid = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
    if (pid == 0)
        run(&job);
    pthread_sigmask(SIG_SETMASK, &job.signals, NULL);
    return (pid_t)pid;
}

bool photocopy(void (*body)(void *argument), void *argument, const int *keep)
{
    struct job job = {.body = body, .argument = argument, .keep = keep};
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED)
        return false;
    copy.stack = (uintptr_t)stack;
    /* No handler of the program may run in the helper, which shares its memory. */
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &job.signals);
    int pid = clone(helper, (char *)stack + STACK_BYTES, CLONE_VM | CLONE_VFORK, &job);
    pthread_sigmask(SIG_SETMASK, &job.signals, NULL);
    while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
        continue;
    munmap(stack, STACK_BYTES);
    copy.stack = 0;
    return pid > 0 && job.made;
}

int photocopy_pages(void)
{
    return copy.pages;
}

void photocopy_stack(uintptr_t *start, uintptr_t *end)
{
    *start = copy.stack;
    *end = copy.stack ? copy.stack + STACK_BYTES : 0;
}
