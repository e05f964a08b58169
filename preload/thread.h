/* SPDX-License-Identifier: MIT */
/*
 * What the shim keeps per thread: its ledger and the memory of the last stack it saw. Plain data
 * in initial-exec TLS; a thread that has gone gives its memory back through thread_end().
 */
#ifndef OURO_THREAD_H
#define OURO_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "private.h"

struct ledger;

/* One frame of the remembered stack, outermost first. */
struct stack_frame {
    uintptr_t frame; /* address of the runtime's frame */
    uint64_t place;  /* where it stood (ledger.h); 0: not looked up */
    uint32_t site;   /* of the stack up to and including this frame, with that place */
    bool marked;     /* the frame itself tells whether it is still the same activation */
};

#define STACK_INDEX_SIZE 2048u /* entries of the table from frame address to depth */

#define STACK_NO_TOP 1u /* an address no frame has, nor none */

struct stack {
    struct stack_frame *frames;
    uintptr_t *pending; /* frames found but not yet remembered, innermost first */
    uint32_t *index;
    uint32_t depth, capacity;
    uint32_t generation; /* of the adapter's code map */
    uintptr_t top;       /* the innermost frame if it is marked, or STACK_NO_TOP */
    uint64_t parent;     /* its caller's site, ledger_parent() */
    /* The innermost frame if it is a generator's and its caller is marked, or 0; the frame it names
     * as its caller, the runtime's own one perhaps; and the caller. */
    uintptr_t resumed, resumed_via, resumed_by;
    uint64_t resumed_at; /* the caller's place */
};

#define THREAD_NOBODY 1u /* an address no thread state has, nor none */

/* Before anything is known of a thread. */
#define THREAD_NEW                                           \
    {                                                        \
        .recorded = THREAD_NOBODY, .stack.top = STACK_NO_TOP \
    }

struct thread {
    uintptr_t runtime_thread; /* the runtime's thread state last seen */
    uintptr_t recorded;       /* the same if its stacks are read into ledger, or THREAD_NOBODY */
    uintptr_t self;           /* pthread_self() */
    struct ledger *ledger;
    uintptr_t newest;     /* the block born last … */
    uint64_t newest_size; /* … and its size, 0 once the runtime announced an object in it */
    int64_t until_sample, sample_span; /* bytes to the next sample, of so many drawn last */
    uint64_t sample_state;             /* of the generator */
    struct stack stack;
    bool registered;   /* thread_end() will be called */
    uintptr_t nothing; /* 0: where a thread's state is looked for until it is known where it is */
    int inside; /* locks of ours this thread holds: a signal handler must not want them too */
};

extern PRIVATE __thread struct thread this_thread;

/* Once, before any other thread exists. */
void thread_setup(void);

/* Makes sure this thread's memory is given back when it ends. */
void thread_register(struct thread *thread);

/* Called with the thread that ends; set by the adapter to give its ledger back. */
extern void (*thread_ended)(struct thread *thread);

/* Room for at least depth frames. False when out of address space. */
bool stack_reserve(struct stack *stack, uint32_t depth);

#endif
