/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include "../site_tree.h"
#include "api.h"
#include "code.h"
#include "layout.h"
#include "ouro/trace.h"

#define TAGS 7ul /* low bits of a stack reference, 3.14+ */

uintptr_t stack_innermost(uintptr_t tstate)
{
    uintptr_t frame = load_word(tstate, layout.tstate_frame);
    if (layout.cframe_frame != LAYOUT_NONE && frame)
        frame = load_word(frame, layout.cframe_frame);
    return frame;
}

uintptr_t stack_caller(uintptr_t frame)
{
    return load_word(frame, layout.frame_previous);
}

uintptr_t stack_position(uintptr_t frame)
{
    if (layout.position_kind == POSITION_POINTER)
        return load_word(frame, layout.frame_position);
    return (uintptr_t)(unsigned)load_int(frame, layout.frame_position);
}

static uintptr_t raw_code(uintptr_t frame)
{
    return load_word(frame, layout.frame_code) & ~TAGS;
}

uintptr_t stack_code(uintptr_t frame)
{
    /* Owners above 1 are frames of the C stack; 3.12's have a code object all the same. */
    if (layout.frame_owner != LAYOUT_NONE && *(const char *)(frame + layout.frame_owner) > 1)
        return 0;
    uintptr_t code = raw_code(frame);
    return code && object_type(code) == (uintptr_t)api.code_type ? code : 0;
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

static __attribute__((noinline)) uint32_t look_up(uint32_t parent, uintptr_t frame)
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

/* Fills in a remembered frame whose caller's site is parent. */
static inline void remember(struct ledger *ledger, struct stack_frame *slot, uintptr_t frame,
                            uint32_t parent)
{
    slot->frame = frame;
    slot->position = stack_position(frame);
    slot->code = raw_code(frame);
    uint64_t hash =
        (slot->position ^ slot->code >> 4 ^ (uint64_t)parent << 20) * 0x9e3779b97f4a7c15u;
    struct site_cache_entry *entry = &ledger->site_cache[hash >> 52];
    if (entry->code == slot->code && entry->position == slot->position && entry->parent == parent &&
        entry->generation == code_generation) {
        slot->site = entry->site;
        return;
    }
    slot->site = look_up(parent, frame);
    *entry =
        (struct site_cache_entry){slot->code, slot->position, parent, slot->site, code_generation};
}
_Static_assert(SITE_CACHE_SIZE == 1u << (64 - 52), "the hash gives the cache's index");

static inline uint32_t index_of(uintptr_t frame)
{
    return (uint32_t)(frame >> 4 ^ frame >> 15) & (STACK_INDEX_SIZE - 1);
}

/* Whether a remembered frame still stands where it stood. */
static inline bool same_position(const struct stack_frame *slot)
{
    if (layout.position_kind == POSITION_POINTER) /* also tells code objects apart */
        return load_word(slot->frame, layout.frame_position) == slot->position;
    return (uintptr_t)(unsigned)load_int(slot->frame, layout.frame_position) == slot->position &&
           raw_code(slot->frame) == slot->code;
}

uint32_t stack_site(struct thread *thread, struct ledger *ledger, uintptr_t tstate)
{
    struct stack *stack = &thread->stack;
    uintptr_t frame = stack_innermost(tstate);
    if (!frame)
        return 0;
    if (__builtin_expect(stack->generation != code_generation, 0)) {
        if (!stack_reserve(stack, 1))
            return 0;
        stack->depth = 0;
        stack->generation = code_generation;
    }
    uint32_t pending = 0, known = 0, stale = UINT32_MAX;
    for (;;) {
        /* Outwards to a frame that is remembered … */
        uint32_t at = stack->index[index_of(frame)];
        if (at >= stack->depth || stack->frames[at].frame != frame) {
            if (__builtin_expect(pending == stack->capacity, 0) &&
                !stack_reserve(stack, pending + 1))
                return 0;
            stack->pending[pending++] = frame;
            frame = stack_caller(frame);
            if (frame)
                continue;
            known = 0;
            stale = UINT32_MAX;
            break;
        }
        /* … from which on all must be as it was. A frame is only read once its callee was found
         * to name it still, so never after it was freed. */
        known = at + 1;
        stale = UINT32_MAX;
        for (;; at--) {
            const struct stack_frame *slot = &stack->frames[at];
            if (!same_position(slot))
                stale = at;
            if (stack_caller(slot->frame) != (at ? slot[-1].frame : 0))
                break;
            if (!at)
                goto found;
        }
        /* Another caller: these frames are to be looked up again, the search goes on outside. */
        if (stack->capacity - pending < known - at && !stack_reserve(stack, pending + known - at))
            return 0;
        for (uint32_t i = known; i-- > at;)
            stack->pending[pending++] = stack->frames[i].frame;
        frame = stack_caller(stack->frames[at].frame);
        stack->depth = at;
        if (!frame) {
            known = 0;
            stale = UINT32_MAX;
            break;
        }
    }
found:
    if (__builtin_expect(known + pending > stack->capacity, 0) &&
        !stack_reserve(stack, known + pending))
        return 0;
    for (uint32_t i = stale; i < known; i++)
        remember(ledger, &stack->frames[i], stack->frames[i].frame,
                 i ? stack->frames[i - 1].site : 0);
    while (pending) {
        frame = stack->pending[--pending];
        remember(ledger, &stack->frames[known], frame, known ? stack->frames[known - 1].site : 0);
        stack->index[index_of(frame)] = known++;
    }
    stack->depth = known;
    return stack->frames[known - 1].site;
}
