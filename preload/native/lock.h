/* SPDX-License-Identifier: MIT */
/*
 * The lock of native_state.h: one word, inline. With every block recorded it is taken twice a block, where a
 * mutex of the C library costs a hundred instructions; as long as there is one thread it costs two moves.
 */
#ifndef OURO_LOCK_H
#define OURO_LOCK_H

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../alone.h"

/* Ulrich Drepper, "Futexes Are Tricky" (2011), mutex2. */
struct lock {
    _Atomic uint32_t word; /* 0: free, 1: held, 2: held, and somebody may wait */
};

/* Neither changes errno: the program's malloc() and free() must not. */
static __attribute__((noinline, unused)) void lock_wait(struct lock *lock)
{
    int saved = errno;
    while (atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0)
        syscall(SYS_futex, &lock->word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    errno = saved;
}

static __attribute__((noinline, unused)) void lock_wake(struct lock *lock)
{
    int saved = errno;
    syscall(SYS_futex, &lock->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = saved;
}

static inline void lock_take(struct lock *lock)
{
    uint32_t free = 0;
    if (alone())
        atomic_store_explicit(&lock->word, 1, memory_order_relaxed);
    else if (!atomic_compare_exchange_strong_explicit(&lock->word, &free, 1, memory_order_acquire,
                                                      memory_order_relaxed))
        lock_wait(lock);
}

/* Whoever is alone now may not have been when it waited; then nobody waits for it any more. */
static inline void lock_give(struct lock *lock)
{
    if (alone())
        atomic_store_explicit(&lock->word, 0, memory_order_relaxed);
    else if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) == 2)
        lock_wake(lock);
}

#endif
