/* SPDX-License-Identifier: MIT */
#include "global_lock.h"

#include <stddef.h>

#include "api.h"

#define CANDIDATES 16u

/* The middle of struct _gil_runtime_state, Include/internal/pycore_gil.h, 3.8 to 3.15. */
struct lock {
    uintptr_t last_holder;
    int locked;
    unsigned long switches;
};

static const volatile struct lock *lock;

/* The main interpreter's lock is within _PyRuntime in every version. */
void global_lock_find(void)
{
    uintptr_t state = (uintptr_t)api.thread_state(), start = (uintptr_t)api.runtime;
    const volatile struct lock *found[CANDIDATES];
    size_t count = 0, left = 0;
    for (uintptr_t at = (start + 7) & ~(uintptr_t)7;
         at + sizeof(struct lock) <= start + api.runtime_size && count < CANDIDATES; at += 8) {
        const volatile struct lock *here = (const volatile struct lock *)at;
        if (here->last_holder == state && here->locked == 1)
            found[count++] = here;
    }
    void *saved = api.PyEval_SaveThread();
    for (size_t i = 0; i < count; i++)
        if (found[i]->last_holder == state && found[i]->locked == 0)
            found[left++] = found[i];
    api.PyEval_RestoreThread(saved);
    lock = left == 1 && found[0]->locked == 1 ? found[0] : NULL;
}

bool global_lock_free(uint64_t *turns)
{
    *turns = lock ? lock->switches : 0;
    return lock && !lock->locked;
}
