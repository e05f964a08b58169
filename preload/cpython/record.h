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

/* A thread is seen with another thread state than before: slow path, in record.c. */
void record_switch(struct thread *thread, uintptr_t tstate);
/* The birth of a block, in whatever state the recording is. Returns it. */
void *record_birth_slowly(uintptr_t block, uint64_t size, bool object);
/* What is due after a birth: an epoch, a look at the collector. Returns the block. */
void *record_after_birth(struct ledger *ledger, uintptr_t block, bool object);
/* A block is about to be freed, in whatever state the recording is. */
void record_free_slowly(uintptr_t block, bool object);

/*
 * Up to 3.11 the interpreter tells whose turn it is, not who asks. The thread's own identity
 * settles it; it is only read once the layout was checked.
 */
static inline uintptr_t record_thread_state(void)
{
    uintptr_t tstate;
    if (__builtin_expect(thread_state_own(&tstate), 1))
        return tstate;
    tstate = thread_state_any();
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

/*
 * Whether everything is as it nearly always is: recording, the thread has a state, the same as last
 * time, and a ledger.
 */
static inline bool record_as_before(const struct thread *thread, uintptr_t *tstate)
{
    *tstate = record_thread_state();
    return __builtin_expect(!hook_state.special && *tstate + 1 == thread->recorded, 1);
}

static inline void record_newest(struct thread *thread, uintptr_t block, uint64_t size)
{
    thread->newest = block;
    thread->newest_size = size;
}

/*
 * The birth of a block, the common case: all that is rare is left to a tail call, so that this
 * needs hardly a register. Returns the block.
 */
static inline __attribute__((always_inline)) void *record_birth(uintptr_t block, uint64_t size,
                                                                bool object)
{
    struct thread *thread = &this_thread;
    uintptr_t tstate = record_thread_state();
    uint32_t *word = live_table_find(block);
    if (__builtin_expect(!tstate || !word, 0))
        return record_birth_slowly(block, size, object);
    struct ledger *ledger = thread->ledger;
    uint32_t row = stack_known_row(thread, ledger, tstate, size, object);
    if (__builtin_expect(!row, 0))
        return record_birth_slowly(block, size, object);
    live_table_set(word, size, row, ledger->clock / OURO_CLOCK_UNIT);
    ledger_count_birth(ledger, row, size, 1);
    bool due = ledger_tick(ledger, size);
    if (object) {
        record_newest(thread, block, size);
        due |= gc_watch_due(ledger);
    }
    if (__builtin_expect(due, 0))
        return record_after_birth(ledger, block, object);
    return (void *)block;
}

/* Flags of a block that record_free() and its like leave to others, unless they are as wanted. */
#define RECORD_KIND (LIVE_FIRST | LIVE_SIZED | LIVE_DORMANT | LIVE_WATCHED)

/*
 * Counts the death of the block of a word, of its reference count. type is its object's, 0: read it
 * from the block, if object. False when this is not the common case: then nothing was done.
 */
static inline __attribute__((always_inline)) bool record_common_death(uint32_t *word,
                                                                      uintptr_t block,
                                                                      uintptr_t type, bool object)
{
    struct thread *thread = &this_thread;
    uintptr_t tstate;
    if (!record_as_before(thread, &tstate) || !word || (*word & RECORD_KIND) != LIVE_FIRST)
        return false;
    struct ledger *ledger = thread->ledger;
    if (__builtin_expect(ledger_attentive(ledger), 0))
        return false;
    uint32_t row = *word & LIVE_ROW_MASK;
    struct counter *counter = &ledger->counters[row];
    if (object) {
        uintptr_t known = type_table.addresses[counter->last_type];
        if (__builtin_expect((type ? type : load_word(block, counter->type_at)) == known, 1))
            ledger->typed[counter->last_typed].deaths++;
        else if (type || counter->untyped < DYING_PATIENCE)
            return false;
    }
    if (__builtin_expect(*word & LIVE_BORN, 1))
        ledger_lifetime(ledger, row, word[1]);
    counter->deaths[DEATH_REFCOUNT]++;
    return true;
}

/*
 * A block of the hooked allocator is about to be freed. False when that is not the common case:
 * then nothing was done.
 */
static inline __attribute__((always_inline)) bool record_free(uintptr_t block, bool object)
{
    uint32_t *word = live_table_find(block);
    if (!record_common_death(word, block, 0, object))
        return false;
    live_table_clear(word);
    return true;
}

/* The object of a block dies, and the block goes to a free list; likewise. */
static inline bool record_rest(uintptr_t block, uintptr_t type)
{
    uint32_t *word = live_table_find(block);
    if (!record_common_death(word, block, type, true))
        return false;
    *word |= LIVE_DORMANT;
    return true;
}

/* Another object is made in a block from a free list; likewise. */
static inline bool record_rebirth(uintptr_t block)
{
    struct thread *thread = &this_thread;
    uintptr_t tstate = record_thread_state();
    uint32_t *word = live_table_find(block);
    if (!tstate || !word || hook_state.off || (*word & RECORD_KIND) != (LIVE_FIRST | LIVE_DORMANT))
        return false;
    struct ledger *ledger = thread->ledger;
    uint64_t size = site_tree.rows[*word & LIVE_ROW_MASK].size;
    uint32_t row = stack_known_row(thread, ledger, tstate, size, true);
    if (__builtin_expect(!row, 0) && (!record_as_before(thread, &tstate) ||
                                      !(row = stack_row(thread, ledger, tstate, size, true))))
        return false;
    live_table_set(word, size, row, ledger->clock / OURO_CLOCK_UNIT);
    ledger_count_birth(ledger, row, size, 1);
    if (__builtin_expect(ledger_tick(ledger, size) | gc_watch_due(ledger), 0))
        record_after_birth(ledger, block, true);
    return true;
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
    uint64_t size = site_tree_block_size(life);
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
