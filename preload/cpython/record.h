/* SPDX-License-Identifier: MIT */
/*
 * The hot path, inline: which ledger the thread writes to, the birth of a block where the thread
 * stands, the death of a block. Used by the allocator hooks and by the reference tracer; calls
 * nothing of the interpreter.
 */
#ifndef OURO_CPYTHON_RECORD_H
#define OURO_CPYTHON_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "../ledger.h"
#include "../live_table.h"
#include "../sampling.h"
#include "../site_tree.h"
#include "../thread.h"
#include "api.h"
#include "code.h"
#include "dying.h"
#include "gc_watch.h"
#include "hooks.h"
#include "layout.h"
#include "stack.h"
#include "thread_state.h"

/* A thread is seen with another thread state than before: slow path, in hooks.c. */
void record_switch(struct thread *thread, uintptr_t tstate);

/*
 * Up to 3.11 the interpreter tells whose turn it is, not who asks. The thread's own identity
 * settles it; it is only read once the layout was checked.
 */
static inline uintptr_t record_thread_state(void)
{
    uintptr_t tstate = thread_state_now();
    if (tstate && layout.minor <= 11 && hook_state.stacks &&
        load_word(tstate, layout.tstate_thread) != this_thread.self)
        return 0;
    return tstate;
}

static inline struct thread *record_enter(uintptr_t *tstate)
{
    struct thread *thread = &this_thread;
    *tstate = record_thread_state();
    if (__builtin_expect(*tstate != thread->runtime_thread || !thread->ledger, 0)) {
        if (!thread->registered)
            thread_register(thread);
        *tstate = record_thread_state();
        record_switch(thread, *tstate);
    }
    return thread;
}

static inline void record_birth(uintptr_t block, uint64_t size, bool object)
{
    if (__builtin_expect(hook_state.off, 0))
        return;
    if (__builtin_expect(hook_state.booting, 0))
        hooks_on_boot();
    uintptr_t tstate;
    struct thread *thread = record_enter(&tstate);
    struct ledger *ledger = thread->ledger;
    if (__builtin_expect(!ledger, 0))
        return;
    uint32_t row = __builtin_expect(tstate && hook_state.stacks, 1)
                       ? stack_row(thread, ledger, tstate, size, object)
                       : stack_row_outside(ledger, size, object);
    ledger_birth(ledger, block, size, row, 1);
    if (object)
        gc_watch_birth(ledger);
    ledger_tick(ledger, size);
}

/*
 * Counts a death with its type, which is read from the block unless it is known. A resized block's
 * contents have moved already: object is false for it.
 */
static inline void record_death(struct ledger *ledger, uintptr_t block,
                                const struct live_block *life, bool object)
{
    if (__builtin_expect(life->flags & LIVE_WATCHED, 0)) {
        code_died(block);
        dying_type(block);
    }
    if (life->flags & LIVE_DORMANT || !life->row)
        return; /* its object's death was told before, or it was only watched */
    uint64_t size = site_tree.rows[life->row].size;
    if (!size)
        size = life->size;
    uint64_t weight = sampling.mean ? sampling_weight(size) : 1;
    enum death_cause cause = ledger_death(ledger, life, size, weight);
    uint32_t type = object ? dying_count(ledger, life->row, block, size, weight) : 0;
    if (__builtin_expect(ledger->lives.batch != NULL, 0))
        ledger_life(ledger, life, cause, type);
}

/* Counts a death whose type is known, 0: it cannot be read any more. */
static inline void record_known_death(struct ledger *ledger, const struct live_block *life,
                                      uintptr_t type, uint32_t head)
{
    enum death_cause cause = ledger_death(ledger, life, site_tree.rows[life->row].size, 1);
    uint32_t id = type ? dying_known(ledger, life->row, type, head, 1) : 0;
    if (__builtin_expect(ledger->lives.batch != NULL, 0))
        ledger_life(ledger, life, cause, id);
}

#endif
