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
#include "churned.h"
#include "code.h"
#include "dying.h"
#include "gc_watch.h"
#include "hooks.h"
#include "layout.h"
#include "stack_step.h"
#include "thread_state.h"

/* A thread is seen with another thread state than before: slow path, in record.c. */
void record_switch(struct thread *thread, uintptr_t tstate);
/* The birth of a block, in whatever state the recording is. Returns it. */
void *record_birth_slowly(uintptr_t block, uint64_t size, bool object);
/* What is due after a birth: an epoch, a look at the collector. Returns the block. */
void *record_after_birth(struct ledger *ledger, uintptr_t block, bool object);
/* The site where the thread stands; 0: it runs no code of the runtime, or stacks are not read. */
uint32_t record_site(void);
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
    return __builtin_expect(!hook_state.special && *tstate == thread->recorded, 1);
}

static inline void record_newest(struct thread *thread, uintptr_t block, uint64_t size)
{
    thread->newest = block;
    thread->newest_size = size;
}

/*
 * Counts the birth of the block of a word where the thread stands, the common case. False when this
 * is not it: then nothing was counted. due: what record_after_birth() does is due. moved: whether
 * the stack may be another than at the last birth; that is the longer way.
 */
static inline __attribute__((always_inline)) bool record_common_birth(uint32_t *word, uint64_t size,
                                                                      bool object, bool moved,
                                                                      bool *due,
                                                                      const struct hot_layout hot)
{
    if (!word || size > LIVE_SIZE_LIMIT)
        return false;
    struct thread *thread = &this_thread;
    uintptr_t tstate = thread_state_quick(hot.state);
    if (__builtin_expect(tstate != thread->recorded, 0))
        return false;
    struct ledger *ledger = thread->ledger;
    uintptr_t frame = hot_innermost(tstate, hot);
    struct stack *stack = &thread->stack;
    if (moved) {
        if (__builtin_expect(!frame, 0) ||
            (__builtin_expect(!stack_step(stack, ledger, tstate, frame, hot), 0) &&
             !stack_follow(stack, ledger, tstate, frame)))
            return false;
    } else if (__builtin_expect(frame != stack->top || !hot_marked(frame, hot), 0)) {
        /* That the mark is there proves more: the thread state and so the ledger are the same. */
        return false;
    }
    /* Frames that can be marked tell their place by a pointer (3.11+). */
    uint64_t place = moved ? hot_place(frame, hot) : load_word(frame, hot.frame_position);
    const struct row_cache_entry *entry =
        ledger_find_row(ledger, place, stack->parent + (size << 1 | object));
    if (__builtin_expect(!entry, 0))
        return false;
    WORD_ADD(entry->counter->births, 1);
    live_table_set_small(word, entry->word, ledger->clock / OURO_CLOCK_UNIT);
    *due = ledger_tick(ledger, size) || (object && gc_watch_due(ledger));
    return true;
}

/*
 * The birth of a block, by the short way or the longer one; what is not the common case is left to
 * a tail call, so that this needs hardly a register. Returns the block.
 */
static inline __attribute__((always_inline)) void *record_birth(
    uintptr_t block, uint64_t size, bool object, bool moved, const struct hot_layout hot,
    void *(*otherwise)(uintptr_t block, uint64_t size))
{
    bool due;
    if (!record_common_birth(live_table_find(block), size, object, moved, &due, hot))
        return otherwise(block, size);
    if (object)
        record_newest(&this_thread, block, size);
    if (__builtin_expect(due, 0))
        return record_after_birth(this_thread.ledger, block, object);
    return (void *)block;
}

/* A live block of which record_free() and its like leave nothing to others, but for LIVE_BORN. */
#define RECORD_COMMON (LIVE_FIRST >> LIVE_KIND_SHIFT)
#define RECORD_DORMANT ((LIVE_FIRST | LIVE_DORMANT) >> LIVE_KIND_SHIFT)

/*
 * Counts the death of the block of a word, of its reference count. type is its object's, 0: read it
 * from the block, if object. The word gets flags or, without, the block is taken out of the table.
 * False when this is not the common case: then nothing was done.
 */
static inline __attribute__((always_inline)) bool record_common_death(uint32_t *word,
                                                                      uintptr_t block,
                                                                      uintptr_t type, bool object,
                                                                      uint32_t flags,
                                                                      const struct hot_layout hot)
{
    if (!word)
        return false;
    struct thread *thread = &this_thread;
    if (__builtin_expect(thread_state_quick(hot.state) != thread->recorded, 0))
        return false;
    uint32_t first = word[0];
    if (__builtin_expect(first >> LIVE_KIND_SHIFT != RECORD_COMMON, 0))
        return false;
    struct ledger *ledger = thread->ledger;
    if (__builtin_expect(ledger_attentive(ledger), 0))
        return false;
    struct counter *counter = &ledger->counters[first & LIVE_ROW_MASK];
    if (object) {
        uintptr_t known = type_table.addresses[counter->last_type];
        if (__builtin_expect((type ? type : load_word(block, counter->type_at)) != known, 0)) {
            if (type || counter->untyped < DYING_PATIENCE)
                return false;
            WORD_ADD(counter->settled, 1);
        }
    }
    WORD_ADD(counter->deaths[DEATH_REFCOUNT], 1);
    if (__builtin_expect(first & LIVE_BORN, 1)) {
        ledger_lifetime(counter, ledger->clock, word[1]);
        if (!flags)
            word[1] = 0;
    }
    word[0] = flags ? first | flags : 0;
    return true;
}

/*
 * A block of the hooked allocator is about to be freed. False when that is not the common case:
 * then nothing was done.
 */
static inline __attribute__((always_inline)) bool record_free(uintptr_t block, bool object,
                                                              const struct hot_layout hot)
{
    return record_common_death(live_table_find(block), block, 0, object, 0, hot);
}

/* What a block was that is being resized. */
struct record_resized {
    uint32_t *word;
    uint32_t first, birth;
};

/*
 * A block is about to be resized: takes it out of the table, so that nobody who gets the address
 * next can be confused with it. False when that is not the common case: then nothing was done.
 */
static inline __attribute__((always_inline)) bool record_resize(uintptr_t block,
                                                                struct record_resized *old,
                                                                const struct hot_layout hot)
{
    uint32_t *word = live_table_find(block);
    if (!word || word[0] >> LIVE_KIND_SHIFT != RECORD_COMMON ||
        thread_state_quick(hot.state) != this_thread.recorded ||
        ledger_attentive(this_thread.ledger))
        return false;
    *old = (struct record_resized){word, word[0], word[0] & LIVE_BORN ? word[1] : 0};
    if (old->first & LIVE_BORN)
        word[1] = 0;
    word[0] = 0;
    return true;
}

/* It could not be resized. */
static inline void record_resize_failed(const struct record_resized *old)
{
    if (old->first & LIVE_BORN)
        old->word[1] = old->birth;
    old->word[0] = old->first;
}

/* Counts the death of what it was; its contents have moved, so its type is not asked for. */
static inline __attribute__((always_inline)) void record_resize_done(
    const struct record_resized *old)
{
    struct ledger *ledger = this_thread.ledger;
    struct counter *counter = &ledger->counters[old->first & LIVE_ROW_MASK];
    WORD_ADD(counter->settled, 1);
    WORD_ADD(counter->deaths[DEATH_REFCOUNT], 1);
    if (__builtin_expect(old->first & LIVE_BORN, 1))
        ledger_lifetime(counter, ledger->clock, old->birth);
}

/* The object of a block dies, and the block goes to a free list; likewise. */
static inline __attribute__((always_inline)) bool record_rest(uintptr_t block, uintptr_t type,
                                                              const struct hot_layout hot)
{
    return record_common_death(live_table_find(block), block, type, true, LIVE_DORMANT, hot);
}

/* Another object is made in a block from a free list; likewise. */
static inline __attribute__((always_inline)) bool record_rebirth(uintptr_t block, bool moved,
                                                                 const struct hot_layout hot)
{
    uint32_t *word = live_table_find(block);
    if (!word)
        return false;
    if (*word >> LIVE_KIND_SHIFT != RECORD_DORMANT || hook_state.off)
        return false;
    bool due;
    uint64_t size = site_tree.rows[*word & LIVE_ROW_MASK].size;
    if (!record_common_birth(word, size, true, moved, &due, hot))
        return false;
    if (__builtin_expect(due, 0))
        record_after_birth(this_thread.ledger, block, true);
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
        if (object && !(life->flags & LIVE_DORMANT) && life->row && !ledger_attentive(ledger))
            churned_died(block, life->row, site_tree_block_size(life));
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
