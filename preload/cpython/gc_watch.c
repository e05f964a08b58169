/* SPDX-License-Identifier: MIT */
#include "gc_watch.h"

#include <string.h>

#include "../options.h"
#include "../recorder.h"
#include "../shapes.h"
#include "../thread.h"
#include "api.h"
#include "code.h"
#include "dying.h"
#include "gc_state.h"
#include "hooks.h"
#include "layout.h"

#define IDLE_STEP 100000 /* births of tracked objects between looks at a collector that is off */

/* What the counters said when a run was last looked for. */
struct watched {
    uintptr_t interpreter;
    struct gc_state seen;
    uint64_t blocks, bytes; /* freed by the collector up to then, from the ledger */
    uint64_t before;        /* time of the last birth before the run now expected */
    uint64_t off_since;     /* time a run was due and the collector off; 0: it was on */
};

static struct watched watched[GC_WATCHED];

/*
 * The count above which a run is near. Up to 3.11 a block is counted after it was allocated and the
 * run follows at once: the birth before it sees one less.
 */
static int limit_of(const struct gc_state *state)
{
    return state->threshold[0] - (layout.minor <= 11);
}

void gc_watch_start(struct ledger *ledger, uintptr_t interpreter, unsigned slot)
{
    if (layout.free_threaded)
        return;
    if (layout.minor == 8 && slot) /* one collector for all interpreters: watched by the first */
        return;
    struct watched *w = &watched[slot];
    *w = (struct watched){
        .interpreter = interpreter,
        .blocks = ledger->collected_blocks,
        .bytes = ledger->collected_bytes,
    };
    gc_read(interpreter, &w->seen);
    ledger->watched = w;
    ledger->young_limit = limit_of(&w->seen);
    ledger->gc_near = 0;
    ledger->young_count = (const volatile int *)(gc_list(interpreter, 0) + 20);
}

/* Records what the counters say has run since they were last looked at. */
static void note_runs(struct ledger *ledger, uint64_t after)
{
    struct watched *w = ledger->watched;
    struct gc_state now;
    gc_read(w->interpreter, &now);
    uint64_t blocks = ledger->collected_blocks - w->blocks;
    uint64_t bytes = ledger->collected_bytes - w->bytes;
    for (int generation = 0; generation < GC_GENERATIONS; generation++) {
        uint64_t runs = now.collections[generation] - w->seen.collections[generation];
        if (!runs || runs > UINT32_MAX)
            continue;
        struct recorder_collection c = {
            .generation = (uint32_t)generation,
            .start = w->before,
            .objects = now.collected[generation] - w->seen.collected[generation],
            .blocks = blocks,
            .bytes = bytes,
            .clock = ledger->clock,
        };
        if (now.last_pause[generation])
            c.pause = now.last_pause[generation];
        else if (w->before && after > w->before && runs == 1) /* a fork starts the time anew */
            c.pause = after - w->before;
        if (!c.start)
            c.start = recorder_time();
        for (uint64_t run = 0; run < runs; run++) {
            recorder_collection(&c);
            c.objects = c.blocks = c.bytes = c.pause = 0; /* told once, with the first */
        }
        blocks = bytes = 0;
    }
    w->seen = now;
    w->blocks = ledger->collected_blocks;
    w->bytes = ledger->collected_bytes;
    w->before = 0;
}

/*
 * Tells what the collection that is near will look at: gc_collect_generations(), which starts with
 * the oldest generation whose count is above its threshold, and takes the oldest of all only once
 * enough has come to it since. One that the program asks for takes all.
 */
static void look(const struct gc_state *now)
{
    struct shapes_due due = {.count = now->count[0] > limit_of(now) ? 1 : GC_GENERATIONS};
    if (!hook_state.stacks || hook_state.off)
        return;
    dying_list_libraries(); /* the copy must not take the loader's lock */
    bool enough = now->long_lived_pending >= now->long_lived_total / 4;
    for (int i = 1; i < GC_GENERATIONS; i++)
        if (now->count[i] > now->threshold[i] && (i < 2 || enough))
            due.count = (unsigned)i + 1;
    uint64_t young = (uint64_t)now->count[0], middle = (uint64_t)now->count[1] + 1;
    due.objects[0] = young;
    due.objects[1] = young * (middle + 1); /* if all survive */
    due.objects[2] = due.objects[1] + now->long_lived_total + now->long_lived_pending;
    shapes_look(&due);
}

/*
 * The first death of a run is that of the word "start", which the interpreter makes for the callbacks
 * before it begins, whether there are any or not (invoke_gc_callback(), 3.12 and later).
 */
void gc_watch_starts(struct ledger *ledger, uintptr_t block)
{
    struct watched *w = ledger->watched;
    char text[8];
    if (w != &watched[0] || ledger->gc_near || object_type(block) != (uintptr_t)api.unicode_type ||
        code_utf8(block, text, sizeof text) != 5 || memcmp(text, "start", 5) != 0)
        return;
    struct gc_state now;
    gc_read(w->interpreter, &now);
    look(&now);
}

void gc_watch_turn(struct ledger *ledger)
{
    struct watched *w = ledger->watched;
    if (ledger->gc_near) { /* back below: it has run */
        ledger->gc_near = 0;
        note_runs(ledger, recorder_time());
        ledger->young_limit = limit_of(&w->seen);
        return;
    }
    struct gc_state now;
    gc_read(w->interpreter, &now);
    if (now.enabled && now.threshold[0]) {
        w->off_since = 0;
    } else {
        w->off_since = w->off_since ? w->off_since : recorder_time();
        ledger->young_limit = *ledger->young_count + IDLE_STEP;
        return;
    }
    ledger->young_limit = limit_of(&now);
    if (*ledger->young_count <= ledger->young_limit) /* the threshold was raised */
        return;
    ledger->gc_near = -1;
    w->before = recorder_time();
    if (options.gc_shapes && w == &watched[0]) { /* the main interpreter's */
        look(&now);
        w->before = recorder_time();
    }
}

uint64_t gc_watch_off_since(uintptr_t interpreter)
{
    struct gc_state now;
    gc_read(interpreter, &now);
    for (unsigned i = 0; i < GC_WATCHED; i++) {
        if (watched[i].interpreter == interpreter)
            return now.enabled && now.threshold[0] ? 0 : watched[i].off_since;
    }
    return 0;
}

void gc_watch_flush(void)
{
    struct ledger *ledger = this_thread.ledger;
    struct watched *w = ledger ? ledger->watched : NULL;
    uintptr_t tstate = w ? hooks_thread_state() : 0;
    /* The interpreter the thread allocated in last may have ended since. */
    if (tstate && load_word(tstate, layout.tstate_interp) == w->interpreter)
        note_runs(ledger, 0);
}
