/* SPDX-License-Identifier: MIT */
#include "detached.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../alone.h"
#include "../thread.h"
#include "api.h"
#include "layout.h"
#include "stack.h"

/* Who ends the interpreter must not wait for ever for threads that keep coming. */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static _Atomic bool allowed;
/* Of the thread that the interpreter was started in: it is there until detached_allow(false). */
static uintptr_t lasting;

#define PAGE_BITS 12u

void detached_allow(bool now)
{
    this_thread.inside++;
    pthread_rwlock_wrlock(&lock);
    lasting = now ? (uintptr_t)api.PyGILState_GetThisThreadState() : 0;
    atomic_store(&allowed, now);
    pthread_rwlock_unlock(&lock);
    this_thread.inside--;
}

void detached_forked(void)
{
    lock = (pthread_rwlock_t)PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
    lasting = 0; /* the child's only thread may be another one */
}

/* The kernel reads the set before it looks at what is to be done with it, which is nothing it knows. */
static bool is_readable(uintptr_t address)
{
    int saved = errno;
    bool readable =
        syscall(SYS_rt_sigprocmask, ~0, address & ~(uintptr_t)7, NULL, 8) < 0 && errno != EFAULT;
    errno = saved;
    return readable;
}

/*
 * A thread that never comes back may have had its state deleted by another one. Then it has no frames
 * either, and what lies there by now says so, if it is there at all.
 */
static bool is_own(uintptr_t state)
{
    uintptr_t last = state + layout.tstate_thread;
    if (layout.tstate_frame > layout.tstate_thread)
        last = state + layout.tstate_frame;
    bool readable =
        state == lasting ||
        (is_readable(state) && (state >> PAGE_BITS == last >> PAGE_BITS || is_readable(last)));
    return readable && load_word(state, layout.tstate_thread) == (uintptr_t)pthread_self();
}

uint32_t detached_site(void)
{
    struct thread *thread = &this_thread;
    uint32_t site = 0;
    if (!atomic_load(&allowed))
        return 0;
    bool only = alone();
    thread->inside++;
    if (!only)
        pthread_rwlock_rdlock(&lock);
    uintptr_t state = atomic_load(&allowed) ? (uintptr_t)api.PyGILState_GetThisThreadState() : 0;
    if (state && is_own(state)) {
        if (!thread->registered)
            thread_register(thread);
        site = stack_site_detached(thread, state);
    }
    if (!only)
        pthread_rwlock_unlock(&lock);
    thread->inside--;
    return site;
}
