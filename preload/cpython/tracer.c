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

/* An object is announced in a block that was not born just now. */
static __attribute__((noinline)) void create(uintptr_t object, uintptr_t block)
{
    if (hook_state.off || !hook_state.stacks || !follows_numbers(object_type(object)))
        return;
    uint32_t *word = live_table_find(block);
    if (!word || !(*word & LIVE_FIRST) || !(*word & LIVE_ROW_MASK))
        return;
    if (!(*word & LIVE_DORMANT)) {
        if (tracer_told_deaths)
            recycled_add(object_type(object));
        if (*word & LIVE_FRESH) { /* counted when the allocator gave it */
            *word &= ~LIVE_FRESH;
            return;
        }
        if (tracer_told_deaths)
            return; /* announced twice: it has not died in between */
    }
    uintptr_t tstate;
    struct ledger *ledger = record_enter(&tstate)->ledger;
    struct live_block life;
    if (!ledger || !live_table_take(block, &life))
        return;
    if (!(life.flags & LIVE_DORMANT)) /* its death was not told, its type can be read no more */
        record_known_death(ledger, &life, 0, 0);
    record_birth(block, site_tree_block_size(&life), true);
    *word &= ~LIVE_FRESH;
}

static __attribute__((noinline)) void destroy(uintptr_t object, uint32_t head)
{
    if (hook_state.off || !hook_state.stacks)
        return;
    uintptr_t tstate;
    struct ledger *ledger = record_enter(&tstate)->ledger;
    struct live_block life;
    if (!ledger || !live_table_get(object - head, &life) || life.flags & LIVE_DORMANT)
        return;
    record_known_death(ledger, &life, object_type(object), head);
    *live_table_find(object - head) |= LIVE_DORMANT;
}

static __attribute__((noinline)) int announced(uintptr_t object)
{
    uintptr_t block = object - object_head(object);
    if (!record_rebirth(block))
        create(object, block);
    return 0;
}

static __attribute__((noinline)) int gone(uintptr_t object)
{
    uint32_t head = object_head(object);
    if (!record_rest(object - head, object_type(object)))
        destroy(object, head);
    return 0;
}

static int trace(py_object *self, int event, void *data)
{
    (void)data;
    uintptr_t object = (uintptr_t)self;
    if (event == CREATE && !is_newest(&this_thread, object))
        return announced(object);
    if (event == DESTROY && recycled(object_type(object)))
        return gone(object);
    return 0;
}

/* Where deaths are not told every birth has to leave its trace in the live table. */
static int trace_births(py_object *self, int event, void *data)
{
    (void)data;
    return event == CREATE ? announced((uintptr_t)self) : trace(self, event, data);
}

bool tracer_install(void)
{
    void *data = NULL;
    if (sampling.mean) /* a call for every object is what sampling spares */
        return false;
    if (!api.PyRefTracer_SetTracer || !api.PyRefTracer_GetTracer ||
        api.PyRefTracer_GetTracer(&data))
        return false;
    recycled_setup(layout.minor, options.numbers);
    return api.PyRefTracer_SetTracer(tracer_told_deaths ? trace : trace_births, &our_data) == 0;
}

bool tracer_holds(void)
{
    void *data = NULL;
    return api.PyRefTracer_GetTracer && api.PyRefTracer_GetTracer(&data) && data == &our_data;
}
