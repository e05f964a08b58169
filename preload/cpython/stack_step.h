/* SPDX-License-Identifier: MIT */
/*
 * The steps of a stack between two allocations that are the most frequent: a return to a frame that
 * is remembered, a few calls from one, and a generator that goes on. Inline, for the hooks.
 */
#ifndef OURO_CPYTHON_STACK_STEP_H
#define OURO_CPYTHON_STACK_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "../ledger.h"
#include "../thread.h"
#include "activation.h"
#include "code.h"
#include "stack.h"

/* The site of a frame whose caller's site is parent, from the site tree. Slow path. */
uint32_t stack_site(uint32_t parent, uintptr_t frame);

/*
 * Makes the thread's memory that of its present stack, whatever that is; the innermost frame's site
 * is left open. False when there is no memory for it.
 */
bool stack_follow(struct stack *stack, struct ledger *ledger, uintptr_t tstate,
                  uintptr_t innermost);

/* stack_site() by way of the ledger's cache, for the frame at its present place. */
static inline uint32_t stack_site_of(struct ledger *ledger, uintptr_t frame, uint64_t place,
                                     uint32_t parent, uint32_t generation)
{
    struct site_cache_entry *entry = ledger_site_slot(ledger, place, parent);
    if (__builtin_expect(
            entry->place == place && entry->parent == parent && entry->generation == generation, 1))
        return entry->site;
    uint32_t site = stack_site(parent, frame);
    *entry = (struct site_cache_entry){place, parent, generation, site};
    return site;
}

static inline uint32_t stack_index_of(uintptr_t frame)
{
    return (uint32_t)(frame >> 4 ^ frame >> 15) & (STACK_INDEX_SIZE - 1);
}

static inline bool stack_unchanged(const struct stack_frame *slot, const struct hot_layout hot)
{
    return slot->marked && hot_marked(slot->frame, hot);
}

static inline struct stack_frame *stack_remembered(const struct stack *stack, uintptr_t frame)
{
    uint32_t at = stack->index[stack_index_of(frame)];
    struct stack_frame *slot = &stack->frames[at];
    return at < stack->depth && slot->frame == frame ? slot : NULL;
}

/* Whether the frame, which is not marked, is the last one seen and all its callers stand still. */
static inline bool stack_stands_still(struct stack *stack, uintptr_t frame,
                                      const struct hot_layout hot)
{
    const struct stack_frame *last = &stack->frames[stack->depth - 1], *slot = last;
    if (slot->frame != frame || stack->generation != code_generation)
        return false;
    while (!stack_unchanged(slot, hot)) {
        if (slot == stack->frames)
            return true;
        if (load_word(slot->frame, hot.frame_previous) != slot[-1].frame)
            return false;
        slot--;
        if (slot->place != hot_place(slot->frame, hot))
            return false;
    }
    if (last - slot == 1 || (last - slot == 2 && !stack_code(last[-1].frame))) {
        stack->resumed = frame;
        stack->resumed_via = last[-1].frame;
        stack->resumed_by = slot->frame;
        stack->resumed_at = slot->place;
    }
    return true;
}

/* The same for most generators, by what was found out the last time. */
static inline bool stack_goes_on(const struct stack *stack, uintptr_t frame,
                                 const struct hot_layout hot)
{
    if (frame != stack->resumed || stack->generation != code_generation ||
        load_word(frame, hot.frame_previous) != stack->resumed_via)
        return false;
    uintptr_t by = stack->resumed_by;
    return (by == stack->resumed_via || load_word(stack->resumed_via, hot.frame_previous) == by) &&
           hot_marked(by, hot) && hot_place(by, hot) == stack->resumed_at;
}

#define STACK_STEP_CALLS 4u /* made since the last birth, at most */

/*
 * Takes the step from the stack last seen to the present one, whose innermost frame is given. False
 * when it is none of the frequent ones: then nothing was done. What is remembered of a generator's
 * frame holds for its caller and place, which may both be others the next time.
 */
static inline __attribute__((always_inline)) bool stack_step(struct stack *stack,
                                                             struct ledger *ledger,
                                                             uintptr_t tstate, uintptr_t frame,
                                                             const struct hot_layout hot)
{
    if (stack_goes_on(stack, frame, hot))
        return true;
    if (__builtin_expect(!stack->depth, 0))
        return false;
    struct stack_frame *slot = stack_remembered(stack, frame);
    if (slot) {
        if (stack_unchanged(slot, hot)) {
            stack->resumed = 0;
            stack->depth = (uint32_t)(slot - stack->frames) + 1;
            stack->top = frame;
            stack->parent =
                ledger_parent(slot > stack->frames ? slot[-1].site : 0, code_generation);
            return true;
        }
        if (stack_stands_still(stack, frame, hot))
            return true;
    }
    /* The frames called since, innermost first, out to a remembered one. */
    uintptr_t called[STACK_STEP_CALLS];
    unsigned count = 0;
    uintptr_t caller = frame;
    do {
        if (count == STACK_STEP_CALLS)
            return false;
        called[count++] = caller;
        caller = load_word(caller, hot.frame_previous);
        if (!caller)
            return false;
        slot = stack_remembered(stack, caller);
    } while (!slot);
    uint32_t at = (uint32_t)(slot - stack->frames);
    if (!stack_unchanged(slot, hot) || at + 1 + count > stack->capacity)
        return false;
    uint32_t generation = code_generation;
    uint64_t place = hot_place(caller, hot);
    if (slot->place != place) {
        slot->site = stack_site_of(ledger, caller, place, at ? slot[-1].site : 0, generation);
        slot->place = place;
    }
    while (count > 1) { /* of the innermost only the place is asked for, and later */
        uint32_t site = slot->site;
        slot++;
        slot->frame = called[--count];
        slot->place = hot_place(slot->frame, hot);
        slot->site = stack_site_of(ledger, slot->frame, slot->place, site, generation);
        slot->marked = activation_mark(tstate, slot->frame);
        stack->index[stack_index_of(slot->frame)] = ++at;
    }
    stack->parent = ledger_parent(slot->site, generation);
    stack->resumed = 0;
    slot++;
    slot->frame = frame;
    slot->place = 0;
    slot->marked = activation_mark(tstate, frame);
    stack->index[stack_index_of(frame)] = at + 1;
    stack->depth = at + 2;
    stack->top = slot->marked ? frame : STACK_NO_TOP;
    return true;
}

#endif
