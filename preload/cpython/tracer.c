/* SPDX-License-Identifier: MIT */
#include "tracer.h"

#include <stdint.h>

#include "../options.h"
#include "objects.h"
#include "record.h"
#include "recycled.h"

enum { CREATE = 0, DESTROY = 1 };

bool tracer_told_deaths;

static char our_data; /* its address tells our registration from another's */

/*
 * Whether the object is in the block born last, which nearly every one is that was not recycled.
 * Only now: whatever is announced there again must have been recycled.
 */
static inline bool is_newest(struct thread *thread, uintptr_t object)
{
    if (object - thread->newest >= thread->newest_size)
        return false;
    thread->newest_size = 0;
    return true;
}

static bool follows_numbers(uintptr_t type)
{
    return options.numbers ||
           (type != (uintptr_t)api.float_type && type != (uintptr_t)api.long_type);
}

/* An object is announced in a block that was not born just now; what record_rebirth() leaves. */
static __attribute__((noinline)) int create(uintptr_t object, uintptr_t block)
{
    if (hook_state.off || !hook_state.stacks || !follows_numbers(object_type(object)))
        return 0;
    uint32_t *word = live_table_find(block);
    if (!word || !(*word & LIVE_FIRST) || !(*word & LIVE_ROW_MASK))
        return 0;
    if (!(*word & LIVE_DORMANT)) {
        if (tracer_told_deaths)
            recycled_add(object_type(object));
        if (*word & LIVE_FRESH) { /* counted when the allocator gave it */
            *word &= ~LIVE_FRESH;
            return 0;
        }
        if (tracer_told_deaths)
            return 0; /* announced twice: it has not died in between */
    }
    uintptr_t tstate;
    struct ledger *ledger = record_enter(&tstate)->ledger;
    struct live_block life;
    if (!ledger || !live_table_take(block, &life))
        return 0;
    if (!(life.flags & LIVE_DORMANT)) /* its death was not told, its type can be read no more */
        record_known_death(ledger, &life, 0, 0);
    record_birth_slowly(block, site_tree_block_size(&life), true);
    this_thread.newest_size = 0; /* announced already: the next one there is another object */
    *word &= ~LIVE_FRESH;
    return 0;
}

/* An object dies whose block goes to a free list; what record_rest() leaves. */
static __attribute__((noinline)) int destroy(uintptr_t object, uintptr_t head)
{
    if (hook_state.off || !hook_state.stacks)
        return 0;
    uintptr_t tstate;
    struct ledger *ledger = record_enter(&tstate)->ledger;
    struct live_block life;
    if (!ledger || !live_table_get(object - head, &life) || life.flags & LIVE_DORMANT)
        return 0;
    record_known_death(ledger, &life, object_type(object), (uint32_t)head);
    *live_table_find(object - head) |= LIVE_DORMANT;
    return 0;
}

/*
 * The tracers: that of an interpreter that tells all, and one for those that do not tell deaths,
 * where every birth has to leave its trace in the live table.
 */
#define TRACERS(version)                                                                           \
    static __attribute__((noinline)) int moved_##version(uintptr_t object, uintptr_t block)        \
    {                                                                                              \
        return record_rebirth(block, true, hot_##version()) ? 0 : create(object, block);           \
    }                                                                                              \
                                                                                                   \
    static __attribute__((noinline)) int announced_##version(uintptr_t object)                     \
    {                                                                                              \
        uintptr_t type = load_word(object, hot_##version().header - 8u);                           \
        const struct recycled_type *slot = recycled(type);                                         \
        uintptr_t block = object - (slot ? slot->head : object_head(object));                      \
        return record_rebirth(block, false, hot_##version()) ? 0 : moved_##version(object, block); \
    }                                                                                              \
                                                                                                   \
    static __attribute__((noinline)) int gone_##version(uintptr_t object, uintptr_t type,          \
                                                        uintptr_t head)                            \
    {                                                                                              \
        bool done = !hook_state.off && record_rest(object - head, type, hot_##version());          \
        return done ? 0 : destroy(object, head);                                                   \
    }                                                                                              \
                                                                                                   \
    static int trace_##version(py_object *self, int event, void *data)                             \
    {                                                                                              \
        (void)data;                                                                                \
        uintptr_t object = (uintptr_t)self;                                                        \
        if (event == CREATE)                                                                       \
            return is_newest(&this_thread, object) ? 0 : announced_##version(object);              \
        if (event != DESTROY) /* 3.15 tells, without an object, that another tracer came */        \
            return 0;                                                                              \
        uintptr_t type = load_word(object, hot_##version().header - 8u);                           \
        const struct recycled_type *slot = recycled(type);                                         \
        return slot ? gone_##version(object, type, slot->head) : 0;                                \
    }                                                                                              \
                                                                                                   \
    static int trace_births_##version(py_object *self, int event, void *data)                      \
    {                                                                                              \
        return event == CREATE ? announced_##version((uintptr_t)self)                              \
                               : trace_##version(self, event, data);                               \
    }

HOT_VERSIONS(TRACERS)

/* The tracer that fits the interpreter. */
static int (*fitting(void))(py_object *, int, void *)
{
#define FITTING(version)           \
    if (hot_fits(hot_##version())) \
        return tracer_told_deaths ? trace_##version : trace_births_##version;
    HOT_VERSIONS(FITTING)
#undef FITTING
    return NULL; /* not reached: the last fits all */
}

bool tracer_install(void)
{
    void *data = NULL;
    recycled_setup(layout.minor, options.numbers || !api.PyRefTracer_SetTracer);
    if (sampling.mean) /* a call for every object is what sampling spares */
        return false;
    if (!api.PyRefTracer_SetTracer || !api.PyRefTracer_GetTracer ||
        api.PyRefTracer_GetTracer(&data))
        return false;
    return api.PyRefTracer_SetTracer(fitting(), &our_data) == 0;
}

bool tracer_holds(void)
{
    void *data = NULL;
    return api.PyRefTracer_GetTracer && api.PyRefTracer_GetTracer(&data) && data == &our_data;
}
