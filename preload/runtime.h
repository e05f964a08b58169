/* SPDX-License-Identifier: MIT */
/*
 * What a runtime adapter gives the core: one struct of functions per runtime, in a folder of its
 * own (cpython/). The core calls it at the few moments below and knows nothing of the runtime.
 */
#ifndef OURO_RUNTIME_H
#define OURO_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "ouro/trace.h"
#include "private.h"

struct snapshot; /* snapshot.h */

struct runtime {
    const char *name;

    /*
     * Looks for the runtime in this process and hooks its allocators. Called in the constructor
     * and, until it returns true, whenever an interposed function suggests that libraries may
     * have been loaded. Cheap when the runtime is not there.
     */
    bool (*attach)(void);

    /* Sees to it that the hooks are still in place (the runtime may have replaced its allocators
     * during its own initialisation). Called from interposed functions until it is initialised. */
    void (*refresh)(void);

    /*
     * Whether this thread may photograph the heap now (it holds the runtime's global lock). If not,
     * *why may say what the user should know, else it is NULL.
     */
    bool (*at_safe_point)(const char **why);

    /*
     * Whether no thread is in the runtime, the calling one included. In a signal handler; calls
     * nothing. *stamp is another one when a thread was in it meanwhile.
     */
    bool (*idle)(uint64_t *stamp);

    /*
     * Has the runtime call function where its heap is whole and its lock held; not necessarily soon,
     * and never if the program ends before. False if it cannot. From within an allocation.
     */
    bool (*call_later)(void (*function)(void));

    /* In the copy of an idle process, first: this thread is in the runtime from now on. */
    void (*wake)(void);

    /* In the copy made for a snapshot: writes the heap. Never returns to the program. */
    void (*photograph)(struct snapshot *snapshot);

    /* The site where the calling thread stands, 0: not in the runtime. Within malloc(). */
    uint32_t (*site)(void);

    /* In the copy: claims the memory that the runtime has, in terms of resident.h. */
    void (*claim_memory)(void);

    /* In a forked child, before anything else is recorded. */
    void (*forked)(void);
};

extern PRIVATE const struct runtime cpython_runtime;

#endif
