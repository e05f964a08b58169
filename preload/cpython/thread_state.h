/* SPDX-License-Identifier: MIT */
/*
 * The current thread state without a call: where the interpreter keeps it, found at start-up by
 * watching which word follows it, and verified by that. The interpreter's own function serves
 * until then and where nothing was found (a libpython loaded late has its TLS elsewhere).
 */
#ifndef OURO_CPYTHON_THREAD_STATE_H
#define OURO_CPYTHON_THREAD_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "../private.h"
#include "api.h"

struct thread_state_place {
    intptr_t tls;                   /* offset from the thread pointer; 0: not found (3.12+) */
    intptr_t tls_interpreter;       /* of the interpreter's own word, 0: there is none */
    const volatile uintptr_t *word; /* the lock holder's, up to 3.11; NULL: not found */
    /* The same for hooks in a hurry: a word that is there always, and 0 until it was found. */
    intptr_t quick_tls;
    const volatile uintptr_t *quick_word;
};

extern PRIVATE struct thread_state_place thread_state_place;

/* Once, before anything is recorded. */
void thread_state_setup(void);

/* Looks for the place. At a safe point of the main thread, before other threads exist. */
void thread_state_find(void);

/* Whether it was found. */
static inline bool thread_state_known(void)
{
    return thread_state_place.tls || thread_state_place.word;
}

/* In a copy of the process: from now on this thread has that state attached. */
void thread_state_assume(uintptr_t state);

/* The word at an offset from the thread pointer. */
static inline uintptr_t thread_state_word(intptr_t tls)
{
    uintptr_t word;
    __asm__ volatile("movq %%fs:(%1), %0" : "=r"(word) : "r"(tls));
    return word;
}

/* This thread's own state, 0 when it has none attached. False where that is not so simple. */
static inline bool thread_state_own(uintptr_t *state)
{
    if (!thread_state_place.tls)
        return false;
    *state = thread_state_word(thread_state_place.tls);
    return true;
}

/* How a hook finds the state: without looking, by its own version's way. */
enum thread_state_way { STATE_TLS, STATE_WORD };

/* This thread's state, from 3.12 on, or that of the lock's holder; 0: none, or not known how. */
static inline uintptr_t thread_state_quick(enum thread_state_way way)
{
    return way == STATE_TLS ? thread_state_word(thread_state_place.quick_tls)
                            : *thread_state_place.quick_word;
}

/* This thread's state or, up to 3.11, that of whichever thread holds the lock; or 0. */
static inline uintptr_t thread_state_any(void)
{
    if (thread_state_place.word)
        return *thread_state_place.word;
    return (uintptr_t)api.thread_state();
}

#endif
