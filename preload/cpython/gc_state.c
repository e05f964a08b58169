/* SPDX-License-Identifier: MIT */
#include "gc_state.h"

#include "api.h"
#include "layout.h"

#define LIST_TAGS 3ul /* flags in the low bits of both links */

/* struct gc_generation: two links, threshold, count */
#define GENERATION_SIZE 24u

static uintptr_t base(uintptr_t interpreter)
{
    return (layout.minor == 8 ? (uintptr_t)api.runtime : interpreter) + layout.gc;
}

uintptr_t gc_list(uintptr_t interpreter, int generation)
{
    uintptr_t at = base(interpreter);
    return generation == GC_GENERATIONS
               ? at + layout.gc_permanent
               : at + layout.gc_generations + (uintptr_t)generation * GENERATION_SIZE;
}

uintptr_t gc_next(uintptr_t element)
{
    return load_word(element, 0) & ~LIST_TAGS;
}

bool gc_collecting(uintptr_t interpreter)
{
    return load_int(base(interpreter), layout.gc_collecting) != 0;
}

void gc_stop(uintptr_t interpreter)
{
    *(int *)(base(interpreter) + layout.gc_enabled) = 0;
}

/*
 * From 3.15 the statistics are rings of the last runs with running totals, 11 entries for the
 * youngest generation and 3 for the others, each ring followed by the index of its latest entry
 * (struct gc_stats, Include/internal/pycore_interp_structs.h).
 */
static uintptr_t latest_stats(uintptr_t stats, int generation, struct gc_state *state)
{
    static const struct {
        uint16_t ring, index;
    } rings[GC_GENERATIONS] = {{0, 704}, {712, 904}, {912, 1104}};
    unsigned latest = *(const uint8_t *)(stats + rings[generation].index);
    uintptr_t entry = stats + rings[generation].ring + 64ul * (latest % 11);
    uint64_t start = load_word(entry, 0), stop = load_word(entry, 8);
    state->last_pause[generation] = stop > start ? stop - start : 0;
    return entry + 16;
}

void gc_read(uintptr_t interpreter, struct gc_state *state)
{
    uintptr_t at = base(interpreter);
    *state = (struct gc_state){
        .enabled = load_int(at, layout.gc_enabled) != 0,
        .debug = load_int(at, layout.gc_debug),
        .collecting = gc_collecting(interpreter),
        .long_lived_total = load_word(at, layout.gc_long_lived),
        .long_lived_pending = load_word(at, layout.gc_long_lived + 8u),
    };
    for (int i = 0; i < GC_GENERATIONS; i++) {
        if (!layout.free_threaded) {
            uintptr_t generation = gc_list(interpreter, i);
            state->threshold[i] = load_int(generation, 16);
            state->count[i] = load_int(generation, 20);
        }
        uintptr_t stats = at + layout.gc_stats + 24ul * (unsigned)i;
        if (layout.gc_stats_pointer && !load_word(at, layout.gc_stats))
            continue; /* the interpreter is still being made */
        if (layout.gc_stats_pointer)
            stats = latest_stats(load_word(at, layout.gc_stats), i, state);
        state->collections[i] = load_word(stats, 0);
        state->collected[i] = load_word(stats, 8);
    }
}

static bool plausible_link(uintptr_t link)
{
    return link > 4096 && link % 4 == 0 && link >> 47 == 0;
}

static bool lists_plausible(uintptr_t interpreter)
{
    for (int i = 0; i <= GC_GENERATIONS; i++) {
        uintptr_t head = gc_list(interpreter, i);
        uintptr_t next = gc_next(head), previous = load_word(head, 8) & ~LIST_TAGS;
        if (!plausible_link(next) || !plausible_link(previous))
            return false;
    }
    for (int i = 0; i <= GC_GENERATIONS; i++) {
        uintptr_t head = gc_list(interpreter, i);
        uintptr_t next = gc_next(head), previous = load_word(head, 8) & ~LIST_TAGS;
        if ((load_word(next, 8) & ~LIST_TAGS) != head || gc_next(previous) != head)
            return false;
    }
    struct gc_state state;
    gc_read(interpreter, &state);
    return state.threshold[0] >= 0 && state.threshold[0] < 1 << 24 && state.threshold[1] >= 0 &&
           state.threshold[1] < 1 << 24;
}

bool gc_plausible(uintptr_t interpreter)
{
    if (layout.free_threaded || lists_plausible(interpreter))
        return true; /* a build without the global lock has no lists */
    layout.gc_generations = layout.gc_generations_packed;
    return layout.gc_generations && lists_plausible(interpreter);
}
