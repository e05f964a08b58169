/* SPDX-License-Identifier: MIT */
#include "owners.h"

#include <stdio.h>

#include "../address_set.h"
#include "../chunk_graph.h"
#include "../live_table.h"
#include "../sampling.h"
#include "../site_tree.h"
#include "../unreached.h"
#include "api.h"
#include "arenas.h"
#include "hidden.h"
#include "layout.h"
#include "objects.h"
#include "surplus.h"

static struct {
    struct address_set plain; /* plain blocks that were searched already */
    uint32_t shared;          /* the type of what belongs to no one type */
    struct snapshot *snapshot;
} owners;

/* An array that does not own its data has it from its base, or from C code that keeps it. */
static bool borrows_data(uintptr_t object, uintptr_t type)
{
    return hidden_is_array(type) && !hidden_owns_data(object);
}

/* Looks through the object's own block and the plain blocks of the runtime that it leads to. */
static void search_object(uint32_t index, uintptr_t object)
{
    uintptr_t type = object_type(object), block = object - object_head(object);
    struct live_block life;
    if (surplus_complete(type) || !live_table_get(block, &life))
        return;
    uintptr_t end = block + (site_tree_block_size(&life) & ~7ul);
    bool borrows = borrows_data(object, type);
    for (uintptr_t at = object + layout.header; at + 8 <= end; at += 8) {
        if (borrows && at == object + layout.header)
            continue;
        uintptr_t word = load_word(at, 0);
        uint64_t plain = chunk_graph_hold(index, word) ? 0 : surplus_plain_block(word) & ~7ul;
        if (!plain || !address_set_add(&owners.plain, word))
            continue;
        for (uintptr_t inner = word; inner < word + plain; inner += 8)
            chunk_graph_hold(index, load_word(inner, 0));
    }
}

static void search_objects(struct snapshot *snapshot)
{
    uint32_t count = snapshot_count(snapshot);
    for (volatile uint32_t i = 0; i < count; i++) {
        if (sigsetjmp(snapshot->recover, 0)) {
            snapshot->guarded = 0;
            continue;
        }
        snapshot->guarded = 1;
        search_object(i, snapshot_address(snapshot, i));
        snapshot->guarded = 0;
    }
}

/* Whether an object is among those that hold a block, be it as a view. */
static bool holds(const struct chunk_holds *all, uint32_t chunk, uint32_t object)
{
    uint32_t low = all->first[chunk], high = all->first[chunk + 1], end = high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (all->hold[all->of[middle]].object < object)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && all->hold[all->of[low]].object == object;
}

/* Whether an object refers to another one that has the block: it is a view of that one's. */
static bool is_view(struct snapshot *snapshot, const struct chunk_holds *all,
                    const struct chunk_hold *hold, struct edge_list *list)
{
    edges_collect(snapshot, snapshot_address(snapshot, hold->object),
                  *snapshot_marks(snapshot, hold->object), list);
    for (size_t i = 0; i < list->count; i++) {
        uint32_t target = list->edges[i].target;
        if ((list->edges[i].label & OURO_LABEL_KIND_MASK) != OURO_LABEL_REFERENT &&
            target != hold->object && holds(all, hold->chunk, target))
            return true;
    }
    return false;
}

/* Where all are views of each other the first one stays. */
static void keep_one(struct chunk_holds *all, uint32_t chunk)
{
    for (uint32_t i = all->first[chunk]; i < all->first[chunk + 1]; i++)
        if (!all->hold[all->of[i]].dropped)
            return;
    all->hold[all->of[all->first[chunk]]].dropped = false;
}

static void drop_views(struct snapshot *snapshot, struct chunk_holds *all, struct edge_list *list)
{
    for (volatile uint32_t i = 0; i < all->count; i++) {
        struct chunk_hold *hold = &all->hold[i];
        if (hold->dropped || all->first[hold->chunk + 1] - all->first[hold->chunk] < 2)
            continue;
        if (sigsetjmp(snapshot->recover, 0)) {
            snapshot->guarded = 0;
            continue;
        }
        snapshot->guarded = 1;
        hold->dropped = is_view(snapshot, all, hold, list);
        snapshot->guarded = 0;
    }
    for (uint32_t i = 0; i < all->count; i++)
        if (all->hold[i].dropped)
            keep_one(all, all->hold[i].chunk);
}

/* "memory of TYPE", a type of its own for each type of objects that hold some. */
static uint32_t type_of_memory(struct snapshot *snapshot, uintptr_t type)
{
    uint32_t id = snapshot_type_known(snapshot, type | 1);
    char name[OBJECTS_TYPE_NAME], text[OBJECTS_TYPE_NAME + 16];
    if (id)
        return id;
    objects_type_name(type, name, sizeof name);
    snprintf(text, sizeof text, "memory of %s", name);
    return snapshot_type(snapshot, type | 1, text, OURO_TYPE_NATIVE, 0, 0);
}

static void name_holds(struct snapshot *snapshot, struct chunk_holds *all, struct edge_list *list)
{
    for (uint32_t i = 0; i < all->count; i++) {
        struct chunk_hold *hold = &all->hold[i];
        if (hold->dropped)
            continue;
        uintptr_t object = snapshot_address(snapshot, hold->object), type = object_type(object);
        hold->type = type_of_memory(snapshot, type);
        hold->label =
            OURO_LABEL_HIDDEN | edges_attribute(list, hidden_is_array(type) ? "data" : "<memory>");
    }
}

/* What all objects of the runtime lead to is none's. */
static void exclude_runtime(uintptr_t interpreter)
{
    chunk_graph_exclude(interpreter);
    for (void *thread = api.PyInterpreterState_ThreadHead((void *)interpreter); thread;
         thread = api.PyThreadState_Next(thread))
        chunk_graph_exclude((uintptr_t)thread);
}

void owners_find(struct snapshot *snapshot, uintptr_t interpreter, struct edge_list *list)
{
    /* With sampling the runtime's own blocks are not all known, and would be taken for others. */
    if (sampling.mean || !address_set_create(&owners.plain))
        return;
    if (sigsetjmp(snapshot->recover, 0)) { /* malloc's insides: at worst there is nothing */
        snapshot->guarded = 0;
        chunk_graph_drop();
        return;
    }
    snapshot->guarded = 1;
    bool known = chunk_graph_begin(snapshot);
    if (known)
        exclude_runtime(interpreter);
    snapshot->guarded = 0;
    if (!known)
        return;
    search_objects(snapshot);
    struct chunk_holds *all = chunk_graph_holds(snapshot);
    drop_views(snapshot, all, list);
    name_holds(snapshot, all, list);
    owners.shared =
        all->count ? snapshot_type(snapshot, 2, "native memory", OURO_TYPE_NATIVE, 0, 0) : 0;
    chunk_graph_own(snapshot, owners.shared);
}

void owners_write_held(struct snapshot *snapshot, uint32_t index)
{
    chunk_graph_write_held(snapshot, index);
}

void owners_write(struct snapshot *snapshot)
{
    chunk_graph_write(snapshot);
}

/* An int has its value in digits of 30 bits, each in 32 (longintrepr.h): two of them make an address. */
static uintptr_t number_in(uint64_t word)
{
    const uint64_t unused = UINT64_C(0xc0000000c0000000);
    return word & unused ? 0 : (word & 0xffffffff) | (word >> 32) << 30;
}

#define STATE_SEARCHED 1024u /* bytes of a thread's state */

/*
 * From 3.11 on frames lie in chunks of a stack of their own. A thread's state has the last of them in three
 * words: where it is, where the next frame will be, and where it ends (datastack_chunk, …; pystate.h).
 * What frames have left behind that place is dead.
 */
static void spare_frames(uintptr_t state)
{
    for (uintptr_t at = state; at < state + STATE_SEARCHED; at += 8) {
        uintptr_t chunk = load_word(at, 0), top = load_word(at, 8), end = load_word(at, 16);
        if (top > chunk && top < end && arenas_frames_end(chunk) == end)
            unreached_managed(top, end);
    }
}

#define DEBUG_HEAD 16u /* of a block, with PYTHONMALLOC=debug */

/* Whether a block that may be the runtime's begins as an object of a type does that others have, too. */
static bool is_object(uintptr_t block, uint64_t size)
{
    for (uintptr_t head = 0; head <= 32 + DEBUG_HEAD && head + layout.header <= size; head += 16) {
        uintptr_t object = block + head, type = object_type(object);
        if (type && type % 8 == 0 && snapshot_type_known(owners.snapshot, type))
            return true;
    }
    return false;
}

void owners_write_unreached(struct snapshot *snapshot, uintptr_t interpreter)
{
    /* Of a sample the runtime's pools tell which of its small blocks are in use; there are none of these
     * without the global lock. */
    if (sampling.mean && layout.free_threaded)
        return;
    arenas_each(unreached_managed);
    if (!sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 1;
        for (void *state = api.PyInterpreterState_ThreadHead((void *)interpreter); state;
             state = api.PyThreadState_Next(state))
            spare_frames((uintptr_t)state);
    }
    snapshot->guarded = 0;
    owners.snapshot = snapshot;
    const struct unreached_runtime runtime = {
        .number = number_in,
        .each = sampling.mean ? arenas_each_block : NULL,
        .is_object = is_object,
    };
    unreached_write(snapshot, &runtime);
}
