/* SPDX-License-Identifier: MIT */
#include "hooks.h"

#include <string.h>

#include "../memory.h"
#include "../occasion.h"
#include "../options.h"
#include "record.h"

/*
 * A hook in place. When something else was put on top of it (debug hooks, another tracer), the
 * next one goes on top of that and counts; this one only passes through, to its own original.
 */
#define LAYERS 8
struct hooked {
    struct allocator original;
    bool object;
    bool counts;
};

static struct {
    struct hooked layer[LAYERS];
    unsigned used;
} mem, obj;

struct hook_state hook_state = {.special = true};
void (*hooks_on_boot)(void);

static void changed(void)
{
    hook_state.special =
        hook_state.off || hook_state.aside || hook_state.booting || !hook_state.stacks;
}

void hooks_set_stacks(bool stacks)
{
    hook_state.stacks = stacks;
    changed();
}

void hooks_set_off(bool off)
{
    hook_state.off = off;
    if (mem.used)
        mem.layer[mem.used - 1].counts = !off;
    if (obj.used)
        obj.layer[obj.used - 1].counts = !off;
    changed();
}

void hooks_set_aside(bool aside)
{
    hook_state.aside = aside;
    changed();
}

void hooks_set_booting(bool booting)
{
    hook_state.booting = booting;
    changed();
}

uintptr_t hooks_thread_state(void)
{
    return record_thread_state();
}

/* What is not the common case. */
static __attribute__((noinline)) void free_slowly(void *context, void *block)
{
    const struct hooked *domain = context;
    if (block && domain->counts)
        record_free_slowly((uintptr_t)block, domain->object);
    domain->original.free(domain->original.context, block);
}

/* The last of three ways of a birth: born_ makes 1 of size 0, and leaves to moved_, which leaves to this. */
static void *slowly_mem(uintptr_t block, uint64_t size)
{
    return record_birth_slowly(block, size, false);
}

static void *slowly_obj(uintptr_t block, uint64_t size)
{
    return record_birth_slowly(block, size, true);
}

/* A resized block dies at its old place and is born at its new one, where the program stands. */
static __attribute__((noinline)) void *realloc_slowly(void *context, void *block, size_t size)
{
    const struct hooked *domain = context;
    struct live_block life;
    uintptr_t tstate;
    struct ledger *ledger =
        hook_state.off || !domain->counts ? NULL : record_enter(&tstate)->ledger;
    bool followed = ledger && block && live_table_take((uintptr_t)block, &life);
    void *moved = domain->original.realloc(domain->original.context, block, size);
    if (!moved) {
        if (followed)
            live_table_restore((uintptr_t)block, &life);
        return NULL;
    }
    if (!ledger)
        return moved;
    if (followed)
        record_death(ledger, (uintptr_t)block, &life, false);
    else if (block && !hook_state.aside)
        WORD_ADD(ledger->unknown_frees, 1);
    return record_birth_slowly((uintptr_t)moved, size + !size, domain->object);
}

/*
 * The hooks of each domain, MEM and OBJ, for each version's layout: whether a block holds an object
 * is known when they are compiled.
 */
#define HOOKS(version, domain_name, holds_object)                                               \
    static __attribute__((noinline)) void *moved_##domain_name##_##version(uintptr_t block,     \
                                                                           uint64_t size)       \
    {                                                                                           \
        return record_birth(block, size, holds_object, true, hot_##version(),                   \
                            slowly_##domain_name);                                              \
    }                                                                                           \
                                                                                                \
    static __attribute__((noinline)) void *born_##domain_name##_##version(uintptr_t block,      \
                                                                          uint64_t size)        \
    {                                                                                           \
        return record_birth(block, size + !size, holds_object, false, hot_##version(),          \
                            moved_##domain_name##_##version);                                   \
    }                                                                                           \
                                                                                                \
    static void *malloc_##domain_name##_##version(void *context, size_t size)                   \
    {                                                                                           \
        const struct hooked *domain = context;                                                  \
        if (__builtin_expect(!domain->counts, 0))                                               \
            return domain->original.malloc(domain->original.context, size);                     \
        void *block = domain->original.malloc(domain->original.context, size);                  \
        if (__builtin_expect(!block, 0))                                                        \
            return block;                                                                       \
        return born_##domain_name##_##version((uintptr_t)block, size);                          \
    }                                                                                           \
                                                                                                \
    static void *calloc_##domain_name##_##version(void *context, size_t count, size_t size)     \
    {                                                                                           \
        const struct hooked *domain = context;                                                  \
        if (__builtin_expect(!domain->counts, 0))                                               \
            return domain->original.calloc(domain->original.context, count, size);              \
        void *block = domain->original.calloc(domain->original.context, count, size);           \
        if (__builtin_expect(!block, 0))                                                        \
            return block;                                                                       \
        return born_##domain_name##_##version((uintptr_t)block, count * size);                  \
    }                                                                                           \
                                                                                                \
    static void *realloc_##domain_name##_##version(void *context, void *block, size_t size)     \
    {                                                                                           \
        const struct hooked *domain = context;                                                  \
        struct record_resized old;                                                              \
        if (!domain->counts || !record_resize((uintptr_t)block, &old, hot_##version()))         \
            return realloc_slowly(context, block, size);                                        \
        void *moved = domain->original.realloc(domain->original.context, block, size);          \
        if (__builtin_expect(!moved, 0)) {                                                      \
            record_resize_failed(&old);                                                         \
            return NULL;                                                                        \
        }                                                                                       \
        record_resize_done(&old);                                                               \
        return born_##domain_name##_##version((uintptr_t)moved, size);                          \
    }                                                                                           \
                                                                                                \
    static void free_##domain_name##_##version(void *context, void *block)                      \
    {                                                                                           \
        const struct hooked *domain = context;                                                  \
        if (__builtin_expect(!domain->counts, 0) ||                                             \
            __builtin_expect(!record_free((uintptr_t)block, holds_object, hot_##version()), 0)) \
            free_slowly(context, block);                                                        \
        else                                                                                    \
            domain->original.free(domain->original.context, block);                             \
    }

#define ALL_HOOKS(version)     \
    HOOKS(version, mem, false) \
    HOOKS(version, obj, true)
HOT_VERSIONS(ALL_HOOKS)

static struct allocator fitting(struct hooked *hooked)
{
#define FITTING(version)                                                                    \
    if (hot_fits(hot_##version()))                                                          \
        return hooked->object                                                               \
                   ? (struct allocator){hooked, malloc_obj_##version, calloc_obj_##version, \
                                        realloc_obj_##version, free_obj_##version}          \
                   : (struct allocator){hooked, malloc_mem_##version, calloc_mem_##version, \
                                        realloc_mem_##version, free_mem_##version};
    HOT_VERSIONS(FITTING)
#undef FITTING
    return hooked->original; /* not reached: the last fits all */
}

/*
 * The same with sampling. The common case touches this thread's countdown or, at a free, one byte of
 * the map of stretches, and goes on to the allocator without coming back.
 */
static __attribute__((noinline)) void *sampled_slowly(uintptr_t block, uint64_t size, bool object)
{
    if (hook_state.off)
        return (void *)block;
    if (hook_state.booting)
        hooks_on_boot();
    uintptr_t tstate;
    struct thread *thread = record_enter(&tstate);
    struct ledger *ledger = thread->ledger;
    if (!ledger)
        return (void *)block;
    bool first = !thread->sample_span; /* of this thread: nothing was drawn yet */
    if (ledger_tick(ledger, (uint64_t)(thread->sample_span - thread->until_sample)))
        ledger_stop(ledger);
    thread->sample_span = thread->until_sample = sampling_draw(&thread->sample_state);
    if (first || hook_state.aside)
        return (void *)block;
    uint32_t row = tstate && hook_state.stacks ? stack_row(thread, ledger, tstate, size, object)
                                               : stack_row_outside(ledger, size, object);
    ledger_birth(ledger, block, size, row, sampling_weight(size));
    sampling_mark(block);
    if (gc_watch_due(ledger))
        gc_watch_turn(ledger);
    if (object && occasion_here)
        occasion_take();
    return (void *)block;
}

/* Counts down. True when a block of this size is not to be recorded. */
static inline bool passed_over(const struct hooked *domain, uint64_t size)
{
    return __builtin_expect(
        !domain->counts || (this_thread.until_sample -= (int64_t)(size + !size)) > 0, 1);
}

static __attribute__((noinline)) void *sampled_given(const struct hooked *domain, void *block,
                                                     size_t size)
{
    return block ? sampled_slowly((uintptr_t)block, size + !size, domain->object) : NULL;
}

static __attribute__((noinline)) void *malloc_sample(const struct hooked *domain, size_t size)
{
    return sampled_given(domain, domain->original.malloc(domain->original.context, size), size);
}

static __attribute__((noinline)) void *calloc_sample(const struct hooked *domain, size_t count,
                                                     size_t size)
{
    void *block = domain->original.calloc(domain->original.context, count, size);
    return sampled_given(domain, block, count * size);
}

static void *sampled_malloc(void *context, size_t size)
{
    const struct hooked *domain = context;
    return passed_over(domain, size) ? domain->original.malloc(domain->original.context, size)
                                     : malloc_sample(domain, size);
}

static void *sampled_calloc(void *context, size_t count, size_t size)
{
    const struct hooked *domain = context;
    return passed_over(domain, count * size)
               ? domain->original.calloc(domain->original.context, count, size)
               : calloc_sample(domain, count, size);
}

static __attribute__((noinline)) void free_sample(const struct hooked *domain, void *block)
{
    struct live_block life;
    uintptr_t tstate;
    struct ledger *ledger =
        domain->counts && !hook_state.off ? record_enter(&tstate)->ledger : NULL;
    if (ledger && live_table_take((uintptr_t)block, &life)) {
        record_death(ledger, (uintptr_t)block, &life, domain->object);
        sampling_unmark((uintptr_t)block);
    }
    domain->original.free(domain->original.context, block);
}

/* Whether the block is one that was recorded. */
static inline bool sampled(uintptr_t block)
{
    if (!sampling_marked(block))
        return false;
    const uint32_t *word = live_table_find(block);
    return word && *word & LIVE_FIRST;
}

static void sampled_free(void *context, void *block)
{
    const struct hooked *domain = context;
    if (__builtin_expect(sampled((uintptr_t)block), 0))
        free_sample(domain, block);
    else
        domain->original.free(domain->original.context, block);
}

static void *sampled_realloc(void *context, void *block, size_t size)
{
    const struct hooked *domain = context;
    if (!block)
        return sampled_malloc(context, size);
    if (!domain->counts)
        return domain->original.realloc(domain->original.context, block, size);
    struct live_block life;
    uintptr_t tstate;
    struct ledger *ledger = NULL;
    if (sampled((uintptr_t)block) && !hook_state.off)
        ledger = record_enter(&tstate)->ledger;
    bool followed = ledger && live_table_take((uintptr_t)block, &life);
    void *moved = domain->original.realloc(domain->original.context, block, size);
    if (!moved) {
        if (followed)
            live_table_restore((uintptr_t)block, &life);
        return NULL;
    }
    if (followed) {
        record_death(ledger, (uintptr_t)block, &life, false);
        sampling_unmark((uintptr_t)block);
    }
    if (!passed_over(domain, size))
        return sampled_slowly((uintptr_t)moved, size + !size, domain->object);
    return moved;
}

/*
 * The same where native memory is recorded, too: what malloc is asked for from here is known as the
 * runtime's by a frame of this library in the native stack, which a call in place of the return leaves out.
 */
#define STAYS_IN_STACK(block) __asm__ volatile("" : "+r"(block))

static void *attended_malloc(void *context, size_t size)
{
    void *block = sampled_malloc(context, size);
    STAYS_IN_STACK(block);
    return block;
}

static void *attended_calloc(void *context, size_t count, size_t size)
{
    void *block = sampled_calloc(context, count, size);
    STAYS_IN_STACK(block);
    return block;
}

static void *attended_realloc(void *context, void *block, size_t size)
{
    void *moved = sampled_realloc(context, block, size);
    STAYS_IN_STACK(moved);
    return moved;
}

void hooks_watch(uintptr_t block)
{
    live_table_watch(block, sampling.mean != 0);
    if (sampling.mean)
        sampling_mark(block);
}

/* An interpreter that is started once more sets its allocators anew: what was on top of them is gone. */
static void forget_removed(const struct allocator *present, struct hooked *layers, unsigned *used)
{
    for (unsigned i = 0; i < *used; i++) {
        if (memcmp(&layers[i].original, present, sizeof *present) != 0)
            continue;
        while (*used > i)
            layers[--*used].counts = false;
    }
}

static void install(enum domain domain, struct hooked *layers, unsigned *used)
{
    struct allocator present;
    api.PyMem_GetAllocator((int)domain, &present);
    forget_removed(&present, layers, used);
    struct hooked *below = *used ? &layers[*used - 1] : NULL;
    if (*used == LAYERS || (below && present.context == below))
        return;
    struct hooked *hooked = &layers[*used];
    *hooked = (struct hooked){present, domain == DOMAIN_OBJ, !hook_state.off};
    struct allocator ours = fitting(hooked);
    if (sampling.mean)
        ours = (struct allocator){hooked, sampled_malloc, sampled_calloc, sampled_realloc,
                                  sampled_free};
    if (sampling.mean && options.native)
        ours = (struct allocator){hooked, attended_malloc, attended_calloc, attended_realloc,
                                  sampled_free};
    if (below)
        below->counts = false;
    ++*used;
    api.PyMem_SetAllocator((int)domain, &ours);
}

void hooks_install(void)
{
    install(DOMAIN_MEM, mem.layer, &mem.used);
    install(DOMAIN_OBJ, obj.layer, &obj.used);
}

/* The copy's allocator keeps each block's size in front of it, for realloc. */
static void *divert_malloc(void *context, size_t size)
{
    unsigned char *p = size > SIZE_MAX - 16 ? NULL : bump_alloc(context, size + 16);
    if (!p)
        return NULL;
    memcpy(p, &size, sizeof size);
    return p + 16;
}

static void *divert_calloc(void *context, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return divert_malloc(context, count * size); /* fresh pages are zero and never used twice */
}

/*
 * Blocks of the program's own heap may be resized too; how long those are is not known here, so
 * as much as lies in the same readable stretch is taken: the live table knows.
 */
static void *divert_realloc(void *context, void *block, size_t size)
{
    size_t old = 0;
    struct live_block life;
    if (block && live_table_get((uintptr_t)block, &life))
        old = site_tree_block_size(&life);
    else if (block)
        memcpy(&old, (unsigned char *)block - 16, sizeof old);
    void *moved = divert_malloc(context, size);
    if (moved && block)
        memcpy(moved, block, old < size ? old : size);
    return moved;
}

static void divert_free(void *context, void *block)
{
    (void)context;
    (void)block;
}

void hooks_divert(struct bump *bump)
{
    struct allocator ours = {bump, divert_malloc, divert_calloc, divert_realloc, divert_free};
    for (int domain = DOMAIN_RAW; domain <= DOMAIN_OBJ; domain++)
        api.PyMem_SetAllocator(domain, &ours);
}
