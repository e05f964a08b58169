/* SPDX-License-Identifier: MIT */
#include "thread_state.h"

#include <stddef.h>
#include <sys/mman.h>

#include "../thread.h"
#include "layout.h"

#define PAGE 4096u
#define TLS_WORDS 1024     /* below the thread pointer: static TLS of program and libraries */
#define RUNTIME_WORDS 1024 /* of _PyRuntime, up to 3.11 */

struct thread_state_place thread_state_place;

static const volatile uintptr_t nothing;

void thread_state_setup(void)
{
    thread_state_place.quick_tls =
        (intptr_t)((uintptr_t)&this_thread.nothing - (uintptr_t)__builtin_thread_pointer());
    thread_state_place.quick_word = &nothing;
}

/*
 * How many words below the thread pointer may be read: TLS ends where its pages do, and it does
 * not tell where.
 */
static intptr_t tls_words(void)
{
    uintptr_t pointer = (uintptr_t)__builtin_thread_pointer();
    intptr_t words = (intptr_t)(pointer % PAGE / 8);
    unsigned char there;
    for (uintptr_t page = pointer / PAGE * PAGE; words < TLS_WORDS; words += PAGE / 8) {
        page -= PAGE;
        if (mincore((void *)page, PAGE, &there) != 0)
            break; /* not mapped */
    }
    return words < TLS_WORDS ? words : TLS_WORDS;
}

/* From 3.15 on the interpreter has a word of its own, which comes and goes with the state. */
static void find_interpreter(intptr_t words, uintptr_t interpreter)
{
    intptr_t found[16];
    size_t count = 0, left = 0;
    for (intptr_t i = 1; i <= words && count < 16; i++)
        if (thread_state_word(-8 * i) == interpreter)
            found[count++] = -8 * i;
    void *saved = api.PyEval_SaveThread();
    for (size_t i = 0; i < count; i++)
        if (thread_state_word(found[i]) == 0)
            found[left++] = found[i];
    api.PyEval_RestoreThread(saved);
    thread_state_place.tls_interpreter = left == 1 ? found[0] : 0;
}

/*
 * A word that holds the state while it is attached and nothing while it is not is the one: other
 * copies of the pointer do not follow. Letting go and taking back is what any blocking call does.
 */
void thread_state_find(void)
{
    uintptr_t state = (uintptr_t)api.thread_state();
    bool in_tls = layout.minor >= 12;
    const volatile uintptr_t *runtime = (const volatile uintptr_t *)(uintptr_t)api.runtime;
    intptr_t found[16];
    intptr_t words = in_tls ? tls_words() : RUNTIME_WORDS;
    size_t count = 0;
    for (intptr_t i = 1; i <= words && count < 16; i++)
        if ((in_tls ? thread_state_word(-8 * i) : runtime[i - 1]) == state)
            found[count++] = in_tls ? -8 * i : i - 1;
    size_t left = 0;
    void *saved = api.PyEval_SaveThread();
    for (size_t i = 0; i < count; i++)
        if ((in_tls ? thread_state_word(found[i]) : runtime[found[i]]) == 0)
            found[left++] = found[i];
    api.PyEval_RestoreThread(saved);
    if (in_tls)
        find_interpreter(words, load_word(state, layout.tstate_interp));
    if (left != 1)
        return;
    if (in_tls)
        thread_state_place.quick_tls = thread_state_place.tls = found[0];
    else
        thread_state_place.quick_word = thread_state_place.word = &runtime[found[0]];
}

static void set_tls_word(intptr_t offset, uintptr_t word)
{
    __asm__ volatile("movq %0, %%fs:(%1)" : : "r"(word), "r"(offset) : "memory");
}

void thread_state_assume(uintptr_t state)
{
    if (thread_state_place.tls_interpreter)
        set_tls_word(thread_state_place.tls_interpreter, load_word(state, layout.tstate_interp));
    if (thread_state_place.tls)
        set_tls_word(thread_state_place.tls, state);
    else
        *(volatile uintptr_t *)(uintptr_t)thread_state_place.word = state;
}
