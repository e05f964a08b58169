/* SPDX-License-Identifier: MIT */
#include "tracer.h"

#include <stdint.h>

#include "../options.h"
#include "objects.h"
#include "record.h"

enum { CREATE = 0, DESTROY = 1 };

bool tracer_told_deaths;

static char our_data; /* its address tells our registration from another's */

static void create(uintptr_t block)
{
    uint32_t *word = block & 15 ? NULL : live_table_find(block);
    if (!word || !(*word & LIVE_FIRST) || !(*word & LIVE_ROW_MASK))
        return;
    if (*word & LIVE_FRESH) { /* counted when the allocator gave it */
        *word &= ~LIVE_FRESH;
        return;
    }
    if (tracer_told_deaths && !(*word & LIVE_DORMANT))
        return; /* announced twice: it has not died in between */
    uintptr_t tstate;
    struct ledger *ledger = record_enter(&tstate)->ledger;
    struct live_block life;
    if (!ledger || !live_table_take(block, &life))
        return;
    uint64_t size = site_tree.rows[life.row].size;
    if (!(life.flags & LIVE_DORMANT)) /* its death was not told, its type can be read no more */
        record_known_death(ledger, &life, 0, 0);
    record_birth(block, size ? size : life.size, true);
    *word &= ~LIVE_FRESH;
}

static void destroy(uintptr_t object, uintptr_t block, uint32_t head)
{
    uintptr_t tstate;
    struct ledger *ledger = record_enter(&tstate)->ledger;
    struct live_block life;
    if (!ledger || !live_table_get(block, &life) || life.flags & LIVE_DORMANT)
        return;
    record_known_death(ledger, &life, object_type(object), head);
    *live_table_find(block) |= LIVE_DORMANT;
}

static int trace(py_object *self, int event, void *data)
{
    (void)data;
    if (hook_state.off || !hook_state.stacks || event > DESTROY)
        return 0;
    uintptr_t object = (uintptr_t)self, type = object_type(object);
    if ((type == (uintptr_t)api.float_type || type == (uintptr_t)api.long_type) && !options.numbers)
        return 0;
    uint32_t head = object_head(object);
    if (event == CREATE)
        create(object - head);
    else
        destroy(object, object - head, head);
    return 0;
}

bool tracer_install(void)
{
    void *data = NULL;
    if (sampling.mean) /* a call for every object is what sampling spares */
        return false;
    if (!api.PyRefTracer_SetTracer || !api.PyRefTracer_GetTracer ||
        api.PyRefTracer_GetTracer(&data))
        return false;
    return api.PyRefTracer_SetTracer(trace, &our_data) == 0;
}

bool tracer_holds(void)
{
    void *data = NULL;
    return api.PyRefTracer_GetTracer && api.PyRefTracer_GetTracer(&data) == trace &&
           data == &our_data;
}
