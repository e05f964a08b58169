/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include "../site_tree.h"
#include "api.h"
#include "code.h"
#include "layout.h"
#include "ouro/trace.h"
#include "stack_step.h"

uintptr_t stack_position(uintptr_t frame)
{
    if (layout.position_kind == POSITION_POINTER)
        return load_word(frame, layout.frame_position);
    return (uintptr_t)(unsigned)load_int(frame, layout.frame_position);
}

#define STEP_BITS 21u /* of a place up to 3.10: which instruction */

uint64_t hot_numbered_place(uintptr_t frame)
{
    static __thread uint64_t unlike;
    uint32_t step = (uint32_t)load_int(frame, layout.frame_position) + 1;
    if (step >> STEP_BITS) /* code of more than two megabytes: never remembered */
        return UINT64_MAX - ++unlike;
    return (load_word(frame, layout.frame_code) >> 4) << STEP_BITS | step;
}

static uintptr_t raw_code(uintptr_t frame)
{
    return load_word(frame, layout.frame_code) & ~LAYOUT_TAGS;
}

uintptr_t stack_code(uintptr_t frame)
{
    /* Owners above 1 are frames of the C stack; 3.12's have a code object all the same. */
    if (layout.frame_owner != LAYOUT_NONE && *(const char *)(frame + layout.frame_owner) > 1)
        return 0;
    uintptr_t code = raw_code(frame);
    if (!code || object_type(code) != (uintptr_t)api.code_type)
        return 0;
    /* Nothing of what looks after the call of __init__ by a class is Python code (3.12+). */
    if (layout.code_first_traceable != LAYOUT_NONE &&
        load_int(code, layout.code_first_traceable) >= load_int(code, layout.header))
        return 0;
    return code;
}

/*
 * Recursion would give every depth a site of its own. As in Ammons, Ball and Larus (PLDI 1997) a
 * frame that stands where one of its ancestors in the tree stands is folded into that ancestor.
 */
static uint32_t fold(uint32_t parent, uint32_t function, uint32_t offset)
{
    for (uint32_t site = parent; site; site = site_tree.sites[site].parent) {
        const struct site_node *node = &site_tree.sites[site];
        if (node->function == function && node->offset == offset)
            return site;
    }
    return 0;
}

/* The site of a frame whose caller's site is parent. */
uint32_t stack_site(uint32_t parent, uintptr_t frame)
{
    uintptr_t code = stack_code(frame);
    if (!code)
        return parent;
    site_tree_lock();
    uint32_t site = 0, function = code_function(code);
    if (function) {
        uintptr_t position = stack_position(frame);
        uint32_t offset, line;
        code_place(code, frame, position, &offset, NULL);
        site = site_tree_find(parent, function, offset);
        if (!site) {
            site = fold(parent, function, offset);
            if (site) {
                site_tree_fold(site);
            } else {
                code_place(code, frame, position, &offset, &line);
                site = site_tree_add(parent, function, offset, line, 0);
            }
        }
    }
    site_tree_unlock();
    return site ? site : parent; /* full tables: counted at the caller */
}

bool stack_follow(struct stack *stack, struct ledger *ledger, uintptr_t tstate, uintptr_t innermost)
{
    if (!stack_reserve(stack, 1))
        return false;
    /* Code objects have died: what only looks the same may be another. */
    bool doubtful = stack->generation != code_generation;
    stack->generation = code_generation;
    stack->top = STACK_NO_TOP;
    stack->resumed = 0;
    uint32_t pending = 0, known = 0, stale = UINT32_MAX;
    for (uintptr_t frame = innermost; frame;) {
        /* Outwards to a frame that is remembered … */
        uint32_t at = stack->index[stack_index_of(frame)];
        struct stack_frame *slot = &stack->frames[at];
        if (at >= stack->depth || slot->frame != frame ||
            (doubtful && !stack_unchanged(slot, hot_any()))) {
            if (__builtin_expect(pending == stack->capacity, 0) &&
                !stack_reserve(stack, pending + 1))
                return false;
            stack->pending[pending++] = frame;
            frame = stack_caller(frame);
            continue;
        }
        /* … and on to one that is unchanged for certain. */
        known = at + 1;
        for (;; at--, slot--) {
            if (slot->place != stack_place(slot->frame))
                stale = at;
            if (stack_unchanged(slot, hot_any()))
                goto found;
            if (stack_caller(slot->frame) != (at ? slot[-1].frame : 0))
                break;
            if (!at)
                goto found;
        }
        /* Another caller: these frames are to be looked up again, the search goes on outside. */
        if (stack->capacity - pending < known - at && !stack_reserve(stack, pending + known - at))
            return false;
        for (uint32_t i = known; i-- > at;)
            stack->pending[pending++] = stack->frames[i].frame;
        frame = stack_caller(stack->frames[at].frame);
        stack->depth = at;
        known = 0;
        stale = UINT32_MAX;
    }
found:
    if (__builtin_expect(known + pending > stack->capacity, 0) &&
        !stack_reserve(stack, known + pending))
        return false;
    uint32_t parent = 0;
    stack->depth = known + pending;
    for (uint32_t i = stale < known ? stale : known; i + 1 < stack->depth; i++) {
        struct stack_frame *slot = &stack->frames[i];
        parent = i ? slot[-1].site : 0;
        if (i >= known) {
            slot->frame = stack->pending[--pending];
            slot->marked = activation_mark(tstate, slot->frame);
            stack->index[stack_index_of(slot->frame)] = i;
        }
        slot->place = stack_place(slot->frame);
        slot->site = stack_site_of(ledger, slot->frame, slot->place, parent, stack->generation);
    }
    uint32_t last = stack->depth - 1;
    struct stack_frame *slot = &stack->frames[last];
    if (last >= known || stale < last) {
        slot->frame = innermost;
        slot->place = 0;
        stack->index[stack_index_of(innermost)] = last;
    }
    slot->marked = activation_mark(tstate, innermost);
    stack->top = slot->marked ? innermost : STACK_NO_TOP;
    stack->parent = ledger_parent(last ? slot[-1].site : 0, stack->generation);
    return true;
}

/* The innermost remembered frame, with its site as of now. */
static uint32_t site_here(struct stack *stack, struct ledger *ledger, uintptr_t frame,
                          uint64_t place)
{
    struct stack_frame *slot = &stack->frames[stack->depth - 1];
    if (slot->place != place) {
        slot->place = place;
        slot->site =
            stack_site_of(ledger, frame, place, ledger_parent_site(stack->parent), code_generation);
    }
    return slot->site;
}

uint32_t stack_site_now(struct thread *thread, struct ledger *ledger, uintptr_t tstate)
{
    struct stack *stack = &thread->stack;
    uintptr_t frame = stack_innermost(tstate);
    if (!frame || (!stack_step(stack, ledger, tstate, frame, hot_any()) &&
                   !stack_follow(stack, ledger, tstate, frame)))
        return 0;
    return site_here(stack, ledger, frame, stack_place(frame));
}

/*
 * Outwards to a frame that is unchanged for certain, and back: without marks to the first frame of all.
 * What is remembered of the same frames at the same places, in code that is alive, holds of these.
 */
uint32_t stack_site_detached(struct thread *thread, uintptr_t tstate)
{
    struct stack *stack = &thread->stack;
    bool same = stack->generation == code_generation;
    uint32_t count = 0, site = 0, at = 0;
    for (uintptr_t frame = stack_innermost(tstate); frame; frame = stack_caller(frame)) {
        struct stack_frame *slot = stack->depth ? stack_remembered(stack, frame) : NULL;
        if (slot && stack_unchanged(slot, hot_any())) {
            uint64_t place = stack_place(frame);
            site = slot->site;
            if (slot->place != place) {
                site = stack_site(slot > stack->frames ? slot[-1].site : 0, frame);
                same = false;
            }
            at = (uint32_t)(slot - stack->frames) + 1;
            if (at == stack->depth) { /* nothing was remembered that it has called */
                slot->site = site;
                slot->place = place;
            }
            break;
        }
        if (!stack_reserve(stack, count + 1))
            return 0;
        stack->pending[count++] = frame;
    }
    for (; count; at++) {
        uintptr_t frame = stack->pending[--count];
        const struct stack_frame *slot = &stack->frames[at];
        same = same && at < stack->depth && slot->frame == frame && slot->place &&
               slot->place == stack_place(frame);
        site = same ? slot->site : stack_site(site, frame);
    }
    return site;
}

uint32_t stack_row(struct thread *thread, struct ledger *ledger, uintptr_t tstate, uint64_t size,
                   bool object)
{
    struct stack *stack = &thread->stack;
    uintptr_t frame = stack_innermost(tstate);
    if (!frame || (!stack_step(stack, ledger, tstate, frame, hot_any()) &&
                   !stack_follow(stack, ledger, tstate, frame)))
        return stack_row_outside(ledger, size, object);
    uint64_t place = stack_place(frame);
    uint64_t parent_shape = ledger_parent_shape(stack->parent, size, object);
    const struct row_cache_entry *entry = ledger_find_row(ledger, place, parent_shape);
    if (entry)
        return entry->word & LIVE_ROW_MASK;
    return ledger_make_row(ledger, place, parent_shape, site_here(stack, ledger, frame, place),
                           size, object);
}

uint32_t stack_row_outside(struct ledger *ledger, uint64_t size, bool object)
{
    uint64_t shape = ledger_parent_shape(0, size, object);
    const struct row_cache_entry *entry = ledger_find_row(ledger, 0, shape);
    return entry ? entry->word & LIVE_ROW_MASK : ledger_make_row(ledger, 0, shape, 0, size, object);
}
