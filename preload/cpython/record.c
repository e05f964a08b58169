/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "../occasion.h"
#include "../options.h"
#include "churned.h"
#include "detached.h"
#include "interpreters.h"
#include "stack.h"

void record_switch(struct thread *thread, uintptr_t tstate)
{
    if (!thread->registered)
        thread_register(thread);
    thread->runtime_thread = tstate;
    thread->recorded = THREAD_NOBODY;
    thread->stack.depth = 0;
    thread->stack.top = STACK_NO_TOP;
    thread->stack.resumed = 0;
    if (layout.free_threaded) {
        if (!thread->ledger)
            thread->ledger = ledger_acquire();
    } else {
        interpreters_leave(thread->ledger);
        thread->ledger = tstate && hook_state.stacks
                             ? interpreters_enter(load_word(tstate, layout.tstate_interp))
                             : interpreters_oldest();
    }
    if (tstate && hook_state.stacks && thread->ledger)
        thread->recorded = tstate;
}

void *record_after_birth(struct ledger *ledger, uintptr_t block, bool object)
{
    if (gc_watch_due(ledger))
        gc_watch_turn(ledger);
    if (ledger_tick(ledger, 0))
        ledger_stop(ledger);
    if (object && ledger->sampled) {
        ledger->sampled = false;
        churned_watch(block);
    }
    if (object && occasion_here)
        occasion_take();
    return (void *)block;
}

static void *born(struct thread *thread, uintptr_t block, uint64_t size, bool object, uint32_t row)
{
    struct ledger *ledger = thread->ledger;
    ledger_birth(ledger, block, size, row, 1);
    bool due = ledger_tick(ledger, size);
    if (object) {
        record_newest(thread, block, size);
        due |= gc_watch_due(ledger);
    }
    return due ? record_after_birth(ledger, block, object) : (void *)block;
}

void *record_birth_slowly(uintptr_t block, uint64_t size, bool object)
{
    struct thread *thread = &this_thread;
    uintptr_t tstate;
    if (record_as_before(thread, &tstate))
        return born(thread, block, size, object,
                    stack_row(thread, thread->ledger, tstate, size, object));
    if (hook_state.off || hook_state.aside)
        return (void *)block;
    if (hook_state.booting)
        hooks_on_boot();
    struct ledger *ledger = record_enter(&tstate)->ledger;
    if (!ledger)
        return (void *)block;
    return born(thread, block, size, object,
                tstate && hook_state.stacks ? stack_row(thread, ledger, tstate, size, object)
                                            : stack_row_outside(ledger, size, object));
}

void record_free_slowly(uintptr_t block, bool object)
{
    if (hook_state.off)
        return;
    uintptr_t tstate;
    struct ledger *ledger = record_enter(&tstate)->ledger;
    struct live_block life;
    if (!ledger)
        return;
    if (object && options.gc_shapes && *ledger->collecting && !ledger->collector)
        gc_watch_starts(ledger, block);
    if (live_table_take(block, &life))
        record_death(ledger, block, &life, object);
    else if (!hook_state.aside)
        WORD_ADD(ledger->unknown_frees, 1);
}

uint32_t record_site(void)
{
    uintptr_t tstate = record_thread_state();
    struct thread *thread = &this_thread;
    if (hook_state.special)
        return 0;
    if (!tstate)
        return detached_site();
    if (sampling.mean) /* the ledger sees a thread only now and then */
        record_enter(&tstate);
    if (!tstate || tstate != thread->recorded || !thread->ledger)
        return 0;
    return stack_site_now(thread, thread->ledger, tstate);
}
