/* SPDX-License-Identifier: MIT */
#include "photograph.h"

#include <setjmp.h>
#include <stdatomic.h>

#include "../live_table.h"
#include "../site_tree.h"
#include "api.h"
#include "dying.h"
#include "edges.h"
#include "gc_state.h"
#include "gc_watch.h"
#include "hooks.h"
#include "interned.h"
#include "layout.h"
#include "objects.h"
#include "owners.h"
#include "roots.h"
#include "spare.h"
#include "surplus.h"
#include "values.h"

static void put_gc_state(struct payload *fields, uintptr_t interpreter)
{
    struct gc_state gc;
    gc_read(interpreter, &gc);
    payload_field_integer(fields, OURO_SNAPSHOT_GC_ENABLED, gc.enabled);
    payload_field_integer(fields, OURO_SNAPSHOT_GC_COLLECTING, gc.collecting);
    payload_field_integer(fields, OURO_SNAPSHOT_GC_DEBUG, (uint64_t)(unsigned)gc.debug);
    /* Without the global lock there are no generations, and the thresholds are elsewhere. */
    int generations = layout.free_threaded ? 0 : GC_GENERATIONS;
    for (int i = 0; i < generations; i++)
        payload_field_integer(fields, OURO_SNAPSHOT_GC_THRESHOLD, (uint64_t)gc.threshold[i]);
    for (int i = 0; i < generations; i++)
        payload_field_integer(fields, OURO_SNAPSHOT_GC_COUNT, (uint64_t)gc.count[i]);
    for (int i = 0; i < generations; i++)
        payload_field_integer(fields, OURO_SNAPSHOT_GC_COLLECTIONS, gc.collections[i]);
    uint64_t off_since = gc_watch_off_since(interpreter);
    if (off_since)
        payload_field_integer(fields, OURO_SNAPSHOT_GC_OFF_SINCE, off_since);
    payload_field_integer(fields, OURO_SNAPSHOT_GC_LONG_LIVED_TOTAL, gc.long_lived_total);
    payload_field_integer(fields, OURO_SNAPSHOT_GC_LONG_LIVED_PENDING, gc.long_lived_pending);
    uint64_t frozen = 0;
    uintptr_t head = gc_list(interpreter, GC_GENERATIONS);
    if (!layout.free_threaded)
        for (uintptr_t at = gc_next(head); at != head; at = gc_next(at))
            frozen++;
    payload_field_integer(fields, OURO_SNAPSHOT_GC_FROZEN, frozen);
    uint64_t threads = 0;
    for (void *t = api.PyInterpreterState_ThreadHead((void *)interpreter); t;
         t = api.PyThreadState_Next(t))
        threads++;
    payload_field_integer(fields, OURO_SNAPSHOT_THREADS, threads);
}

/* Names every object the collector tracks, youngest generation first, oldest object first. */
static void list_tracked(struct snapshot *snapshot, uintptr_t interpreter)
{
    for (int generation = 0; generation <= GC_GENERATIONS; generation++) {
        uintptr_t head = gc_list(interpreter, generation);
        unsigned mark = MARK_TRACKED;
        if (generation == GC_GENERATIONS)
            mark |= MARK_FROZEN;
        else
            mark |= (unsigned)(generation + 1) << MARK_GENERATION_SHIFT;
        for (uintptr_t at = gc_next(head); at != head; at = gc_next(at))
            *snapshot_marks(snapshot, snapshot_index(snapshot, at + 16)) |= (uint8_t)mark;
    }
}

/* The next block of the object domain that does not wait in a free list, until there is none. */
static bool next_object_block(struct live_walk *walk, uintptr_t *block, uint64_t *size)
{
    struct live_block life;
    while (live_walk_next(walk, block, &life)) {
        *size = site_tree_block_size(&life);
        if (!(life.flags & LIVE_DORMANT) && site_tree.rows[life.row].flags & OURO_ROW_OBJECT)
            return true;
    }
    return false;
}

/*
 * Without a global lock there are no lists: the collector finds its objects by walking the
 * allocator's heaps, and here the live table has the same blocks. Objects with deferred counting
 * (functions, classes, modules) have counts that say "immortal", which is on the safe side.
 */
static void list_tracked_by_block(struct snapshot *snapshot)
{
    struct live_walk walk;
    uintptr_t block;
    uint64_t size;
    live_walk_begin(&walk);
    while (next_object_block(&walk, &block, &size)) {
        for (uintptr_t head = 0; head <= 16 && head + layout.header <= size; head += 16) {
            uintptr_t object = block + head;
            uint8_t bits = *(const uint8_t *)(object + GC_BITS);
            /* Classes, functions and code are not tracked once threads have made them immortal. */
            uintptr_t type = object_type(object);
            bool class = type == (uintptr_t)api.type_type, immortal;
            objects_refcount(object, &immortal);
            if ((!(bits & GC_BIT_TRACKED) && !class && !immortal) || !dying_is_type(type) ||
                object_head(object) != head)
                continue;
            if (!(bits & GC_BIT_TRACKED)) {
                if (class ? dying_is_type(object) : (type_word(type, TP_FLAGS) & FLAG_GC) != 0)
                    snapshot_index(snapshot, object);
                continue;
            }
            unsigned mark = MARK_TRACKED | (bits & GC_BIT_FROZEN ? MARK_FROZEN : 0u);
            *snapshot_marks(snapshot, snapshot_index(snapshot, object)) |= (uint8_t)mark;
            break;
        }
    }
    live_walk_end(&walk);
}

/*
 * Which dicts are namespaces must be known before they are written: their keys are names from the
 * program's text, while other dicts' keys are data.
 */
static void mark_namespaces(struct snapshot *snapshot)
{
    uint32_t known = snapshot_count(snapshot);
    for (uint32_t i = 0; i < known; i++) {
        uintptr_t dict = object_namespace(snapshot_address(snapshot, i));
        if (dict && object_type(dict) == (uintptr_t)api.dict_type)
            *snapshot_marks(snapshot, snapshot_index(snapshot, dict)) |= MARK_NAMESPACE;
    }
}

/*
 * A broken extension's object may fault while it is read. It is then written without references
 * and as immortal, so that nothing is called garbage because of it.
 */
static void write_unreadable(struct snapshot *snapshot, uint32_t index, uint8_t mark)
{
    static uint32_t type;
    if (!type)
        type = snapshot_type(snapshot, 1, "<unreadable>", 0, 0, 0);
    struct snapshot_object object = {
        .address = snapshot_address(snapshot, index),
        .type = type,
        .flags = OURO_OBJECT_IMMORTAL | (mark & MARK_TRACKED ? OURO_OBJECT_TRACKED : 0u),
    };
    snapshot->unreadable++;
    snapshot_object(snapshot, &object, NULL, 0);
}

void photograph_object(struct snapshot *snapshot, uint32_t index, struct edge_list *list)
{
    uintptr_t address = snapshot_address(snapshot, index);
    uint8_t mark = *snapshot_marks(snapshot, index);
    if (sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 0;
        write_unreadable(snapshot, index, mark);
        return;
    }
    snapshot->guarded = 1;
    struct snapshot_object object = {.address = address};
    objects_describe(snapshot, &object, mark);
    edges_collect(snapshot, address, mark, list);
    if (snapshot->reason != OURO_SNAPSHOT_COLLECTION)
        values_add(snapshot, index, &object);
    snapshot->guarded = 0;
    snapshot_object(snapshot, &object, list->edges, list->count);
}

/* Writes objects, each naming others, until none is new. */
static uint32_t drain(struct snapshot *snapshot, uint32_t next, struct edge_list *list)
{
    for (; next < snapshot_count(snapshot); next++)
        photograph_object(snapshot, next, list);
    return next;
}

/*
 * Objects nothing refers to (a reference was lost) are found by their blocks alone: in the object
 * domain, with the type of some object already seen and a plausible count.
 */
static void list_unreferenced(struct snapshot *snapshot)
{
    struct live_walk walk;
    uintptr_t block;
    uint64_t size;
    live_walk_begin(&walk);
    while (next_object_block(&walk, &block, &size)) {
        uintptr_t object = objects_in_block(snapshot, block, size);
        if (object)
            snapshot_index(snapshot, object);
        else
            interned_consider(snapshot, block, size);
    }
    live_walk_end(&walk);
}

void photograph(struct snapshot *snapshot)
{
    hooks_divert(&snapshot->bump);
    objects_in_copy = true;
    uintptr_t interpreter = (uintptr_t)api.PyInterpreterState_Main();
    if (snapshot->reason == OURO_SNAPSHOT_COLLECTION)
        photograph_young(snapshot, interpreter);
    struct payload fields;
    if (!payload_create(&fields, 65536))
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "the copy has no memory");
    put_gc_state(&fields, interpreter);
    gc_stop(interpreter);
    snapshot_begin(snapshot, &fields);
    struct edge_list list;
    if (!edges_create(&list, snapshot_limit(snapshot)))
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "the copy has no memory");
    if (layout.free_threaded)
        list_tracked_by_block(snapshot);
    else
        list_tracked(snapshot, interpreter);
    roots_write(snapshot, interpreter);
    mark_namespaces(snapshot); /* of roots, too: not every module is tracked without the lock */
    uint32_t written = drain(snapshot, 0, &list);
    list_unreferenced(snapshot);
    drain(snapshot, written, &list);
    owners_find(snapshot, interpreter, &list);
    surplus_begin(snapshot, &list);
    surplus_search_objects(snapshot);
    roots_search(snapshot, interpreter);
    values_finish(snapshot);
    spare_write(snapshot);
    snapshot_write_values(snapshot, values_preview());
    owners_write(snapshot);
    owners_write_unreached(snapshot, interpreter);
    snapshot_end(snapshot, OURO_SNAPSHOT_COMPLETE, NULL);
}
