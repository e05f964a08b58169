/* SPDX-License-Identifier: MIT */
/*
 * When and how a snapshot is taken: the program's side of it, and the bounds of the copy.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "clock.h"
#include "native.h"
#include "options.h"
#include "photocopy.h"
#include "recorder.h"
#include "resident.h"
#include "runtime.h"
#include "seccomp.h"
#include "shim.h"
#include "snapshot.h"

#define SIGNAL_STACK (64u << 10)
#define SNAPSHOTS_MOST (1u << 20) /* numbers that the format has */
#define VERDICT_MS 1000u          /* that the copy of an idle process waits for the process */

static struct snapshot snapshot; /* the copy's; the program only numbers it */
/* Of the thread that takes a snapshot. Of use by standing here, in a variable (unreached.h). */
static ucontext_t registers;
static uint32_t number; /* of the last one; guarded by the recorder */

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
    native_stop();
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
    const struct timespec pause = {0, 2000000};
    uint64_t end = clock_now(CLOCK_MONOTONIC) + options.snapshot_seconds * 1000000000u;
    bool gone = false, free = lock < 0;
    while (!(free && gone) && clock_now(CLOCK_MONOTONIC) < end) {
        free = free || flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
        pid_t ended = gone ? 0 : waitpid(copy, NULL, __WALL | WNOHANG);
        gone = gone || ended == copy || (ended < 0 && errno != EINTR);
        if (!(free && gone))
            nanosleep(&pause, NULL);
    }
    if (lock >= 0)
        close(lock);
}

/* What a copy of an idle process waits for: what the process saw afterwards. Shared with it. */
struct verdict {
    _Atomic uint32_t number; /* the snapshot that was judged last */
    _Atomic bool spoilt;     /* a thread was in the runtime meanwhile */
};
static struct verdict *verdict;

static void in_the_idle_copy(void *argument)
{
    const struct timespec step = {0, 1000000};
    for (unsigned waited = 0; atomic_load(&verdict->number) != snapshot.number; waited++) {
        if (waited == VERDICT_MS)
            _exit(1);
        nanosleep(&step, NULL);
    }
    if (atomic_load(&verdict->spoilt))
        _exit(0);
    shim_runtime()->wake();
    in_the_copy(argument);
}

/* Takes the recorder, until end(). */
static void begin(enum ouro_snapshot_reason reason)
{
    uint64_t epoch = recorder_freeze(reason != OURO_SNAPSHOT_COLLECTION);
    snapshot = (struct snapshot){
        .number = ++number,
        .reason = reason,
        .epoch = epoch,
        .clock = recorder_clock(),
        .time = recorder_time(),
    };
}

/* problem is the errno of why there is no copy, or 0. */
static void end(int problem, uint64_t start)
{
    char text[128];
    uint32_t mine = snapshot.number;
    enum ouro_snapshot_reason reason = snapshot.reason;
    recorder_thaw();
    if (problem) {
        const char *why = strerrordesc_np(problem);
        snprintf(text, sizeof text, "the process could not be copied (%s)", why ? why : "?");
        recorder_note(OURO_NOTE_SNAPSHOT_FAILED, text);
    } else {
        recorder_snapshot_taken(mine, clock_now(CLOCK_MONOTONIC) - start, reason);
    }
    if (mine == SNAPSHOTS_MOST)
        recorder_note(OURO_NOTE_LIMIT, "there are no more numbers for snapshots");
}

/* Whether one can be taken at all. */
static bool possible(void)
{
    return shim_runtime() && recorder_running() && number < SNAPSHOTS_MOST &&
           !seccomp_forbidden(SECCOMP_COPYING);
}

/*
 * After unshare(CLONE_NEWPID) the next child is the first process of a namespace, which goes when that one
 * ends: it must not be a copy. Nor do orphans of ours belong to the first process of another.
 */
static bool children_live_elsewhere(void)
{
    static const char children[] = "/proc/self/ns/pid_for_children";
    struct stat own, theirs;
    if (lstat(children, &theirs) != 0 || stat("/proc/self/ns/pid", &own) != 0)
        return false; /* not told */
    if (stat(children, &theirs) != 0)
        return errno == ENOENT; /* a namespace without a process yet */
    return own.st_ino != theirs.st_ino || own.st_dev != theirs.st_dev;
}

/* Why none is taken, once. */
static void impossible(const char *why)
{
    static const char *told;
    if (told != why)
        recorder_note(OURO_NOTE_SNAPSHOT_FAILED, why);
    told = why;
}

bool snapshot_take(enum ouro_snapshot_reason reason)
{
    bool last = reason == OURO_SNAPSHOT_AT_EXIT || reason == OURO_SNAPSHOT_AT_UEXIT;
    const char *why;
    if (!possible()) {
        if (seccomp_forbidden(SECCOMP_COPYING))
            impossible("a filter of system calls that the program gave itself forbids it");
        return true;
    }
    bool elsewhere = children_live_elsewhere();
    if (elsewhere && !last) {
        impossible("children of the process begin in another PID namespace");
        return true;
    }
    if (!shim_runtime()->at_safe_point(&why)) {
        bool wanted = last || reason == OURO_SNAPSHOT_ON_REQUEST;
        if (why && wanted)
            recorder_note(OURO_NOTE_SNAPSHOT_FAILED, why);
        return why && wanted;
    }
    int saved = errno;
    getcontext(&registers);
    uint64_t start = clock_now(CLOCK_MONOTONIC);
    begin(reason);
    resident_measure(!last && reason != OURO_SNAPSHOT_ON_REQUEST);
    int keep[3];
    snapshot.stack = (uintptr_t)keep;
    int lock = recorder_hold(keep);
    /* A launcher waits for the program's copy; the copies of forked children must not pile up. Nor
     * does it know of one whose trace it cannot find held. */
    bool wait = last && (!options.launched || recorder_forked() || elsewhere || lock < 0);
    bool made = false;
    pid_t copy = 0;
    if (wait) {
        copy = photocopy_child(in_the_copy, NULL, keep);
        made = copy > 0;
    } else if (lock >= 0) {
        made = photocopy(in_the_copy, NULL, keep);
    }
    int problem = made ? 0 : errno;
    if (lock >= 0)
        close(lock);
    end(problem, start);
    if (made && wait)
        wait_for_copy(copy);
    errno = saved;
    return true;
}

uint32_t snapshot_take_collection(unsigned generation, struct snapshot_account *account,
                                  uint64_t *pause)
{
    if (!possible() || children_live_elsewhere())
        return 0;
    int saved = errno;
    uint64_t start = clock_now(CLOCK_MONOTONIC);
    begin(OURO_SNAPSHOT_COLLECTION);
    snapshot.generation = generation;
    snapshot.account = account;
    int keep[3];
    int lock = recorder_hold(keep);
    bool made = lock >= 0 && photocopy(in_the_copy, NULL, keep);
    int problem = made ? 0 : errno;
    if (lock >= 0)
        close(lock);
    uint32_t mine = snapshot.number;
    end(problem, start);
    *pause = clock_now(CLOCK_MONOTONIC) - start;
    errno = saved;
    return made ? mine : 0;
}

bool snapshot_take_idle(void)
{
    const struct runtime *runtime = shim_runtime();
    uint64_t before, after;
    if (!verdict)
        verdict =
            mmap(NULL, sizeof *verdict, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (verdict == MAP_FAILED)
        verdict = NULL;
    if (!possible() || !verdict || children_live_elsewhere() || !runtime->idle(&before))
        return false;
    getcontext(&registers);
    uint64_t start = clock_now(CLOCK_MONOTONIC);
    begin(OURO_SNAPSHOT_ON_REQUEST);
    resident_measure(false);
    int keep[3];
    snapshot.stack = (uintptr_t)keep;
    int lock = recorder_hold(keep);
    bool made = lock >= 0 && photocopy(in_the_idle_copy, NULL, keep);
    int problem = made ? 0 : errno;
    bool spoilt = !runtime->idle(&after) || after != before || recorder_clock() != snapshot.clock;
    atomic_store(&verdict->spoilt, spoilt);
    atomic_store(&verdict->number, snapshot.number);
    if (lock >= 0)
        close(lock);
    if (made && spoilt) {
        recorder_thaw(); /* as if it had not been taken; its number stays unused */
        return false;
    }
    end(problem, start);
    return true;
}

void snapshot_forked(void)
{
    number = 0;
    resident_forget();
    verdict = NULL; /* that one is the parent's */
}
