/* SPDX-License-Identifier: MIT */
/*
 * When and how a snapshot is taken: the program's side of it, and the bounds of the copy.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "options.h"
#include "photocopy.h"
#include "recorder.h"
#include "runtime.h"
#include "shim.h"
#include "snapshot.h"

#define SIGNAL_STACK (64u << 10)

static struct snapshot snapshot; /* the copy's; the program only numbers it */
static _Atomic uint32_t number;

static void on_signal(int signal_number)
{
    if (signal_number == SIGALRM)
        snapshot_end(&snapshot, OURO_SNAPSHOT_TIME_BOUND, "the copy took longer than its bound");
    if (snapshot.guarded) /* one bad object must not cost the whole picture */
        siglongjmp(snapshot.recover, 1);
    snapshot_end(&snapshot, OURO_SNAPSHOT_FAULT, "the copy met a fault while reading the heap");
}

static void bound(void)
{
    stack_t stack = {.ss_size = SIGNAL_STACK};
    stack.ss_sp = memory_reserve(SIGNAL_STACK);
    if (stack.ss_sp)
        sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    const int signals[] = {SIGALRM, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
    alarm((unsigned)options.snapshot_seconds);
}

static void in_the_copy(void *argument)
{
    (void)argument;
    bound();
    snapshot.started = clock_now(CLOCK_MONOTONIC);
    shim_runtime()->photograph(&snapshot);
}

/*
 * A process that ends may take its copy along: the first process of a container does. Where no
 * launcher waits for it, the process itself does, until the trace is no longer held. The copy is
 * then its own child, and is taken off the list of the dead here: an orphan would go to the first
 * process, or to one that adopts orphans, and be seen there by the program's wait().
 */
static void wait_for_copy(pid_t copy)
{
    int keep[3];
    int lock = recorder_hold(keep);
    if (lock < 0)
        return;
    const struct timespec pause = {0, 2000000};
    uint64_t end = clock_now(CLOCK_MONOTONIC) + options.snapshot_seconds * 1000000000u;
    while (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK &&
           clock_now(CLOCK_MONOTONIC) < end)
        nanosleep(&pause, NULL);
    bool ended = clock_now(CLOCK_MONOTONIC) < end;
    while (waitpid(copy, NULL, __WALL | (ended ? 0 : WNOHANG)) < 0 && errno == EINTR)
        continue;
    close(lock);
}

void snapshot_take(enum ouro_snapshot_reason reason)
{
    const struct runtime *runtime = shim_runtime();
    if (!runtime || !recorder_running() || !runtime->at_safe_point())
        return;
    int saved = errno;
    uint64_t start = clock_now(CLOCK_MONOTONIC);
    uint32_t mine = atomic_fetch_add(&number, 1) + 1;
    uint64_t epoch = recorder_freeze();
    int keep[3];
    int lock = recorder_hold(keep);
    snapshot = (struct snapshot){
        .number = mine,
        .reason = reason,
        .epoch = epoch,
        .clock = recorder_clock(),
        .time = recorder_time(),
    };
    /* A launcher waits for the program's copy; the copies of forked children must not pile up. */
    bool last = reason == OURO_SNAPSHOT_AT_EXIT || reason == OURO_SNAPSHOT_AT_UEXIT;
    bool wait = last && (!options.launched || recorder_forked());
    bool made = false;
    pid_t copy = 0;
    if (lock >= 0 && wait) {
        copy = photocopy_child(in_the_copy, NULL, keep);
        made = copy > 0;
    } else if (lock >= 0) {
        made = photocopy(in_the_copy, NULL, keep);
    }
    if (lock >= 0)
        close(lock);
    recorder_thaw();
    uint64_t pause = clock_now(CLOCK_MONOTONIC) - start;
    if (made)
        recorder_snapshot_taken(mine, pause);
    else
        recorder_note(OURO_NOTE_SNAPSHOT_FAILED, "the process could not be copied");
    if (made && wait)
        wait_for_copy(copy);
    errno = saved;
}
