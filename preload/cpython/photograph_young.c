/* SPDX-License-Identifier: MIT */
/*
 * What a collection is about to free: the objects that trial deletion finds, with their references,
 * and what they refer to beyond, without. All of it is in the copy.
 */
#include "photograph.h"

#include "api.h"
#include "edges.h"
#include "gc_state.h"
#include "objects.h"
#include "trial.h"

#define REFERENCES ((size_t)1 << 22) /* of one object */

static void begin(struct snapshot *snapshot, uintptr_t interpreter, const struct trial *trial)
{
    struct payload fields;
    struct gc_state gc;
    if (!payload_create(&fields, 4096))
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "the copy has no memory");
    gc_read(interpreter, &gc);
    gc_stop(interpreter);
    payload_field_integer(&fields, OURO_SNAPSHOT_GC_ENABLED, gc.enabled);
    payload_field_integer(&fields, OURO_SNAPSHOT_GC_DEBUG, (uint64_t)(unsigned)gc.debug);
    for (int i = 0; i < GC_GENERATIONS; i++)
        payload_field_integer(&fields, OURO_SNAPSHOT_GC_THRESHOLD, (uint64_t)gc.threshold[i]);
    for (int i = 0; i < GC_GENERATIONS; i++)
        payload_field_integer(&fields, OURO_SNAPSHOT_GC_COUNT, (uint64_t)gc.count[i]);
    for (int i = 0; i < GC_GENERATIONS; i++)
        payload_field_integer(&fields, OURO_SNAPSHOT_GC_COLLECTIONS, gc.collections[i]);
    payload_field_integer(&fields, OURO_SNAPSHOT_GENERATION, snapshot->generation);
    payload_field_integer(&fields, OURO_SNAPSHOT_EXAMINED, trial->count);
    snapshot_begin(snapshot, &fields);
}

/* Which dicts are tables of attributes must be known before they are written. */
static void mark_namespaces(struct snapshot *snapshot, const struct trial *trial)
{
    for (size_t i = 0; i < trial->dead_count; i++) {
        uintptr_t space = object_namespace(trial->objects[trial->dead[i]]);
        uint32_t index = space ? snapshot_known(snapshot, space) : UINT32_MAX;
        if (index != UINT32_MAX && object_type(space) == (uintptr_t)api.dict_type)
            *snapshot_marks(snapshot, index) |= MARK_NAMESPACE;
    }
}

/* An object that is not freed, or that is not the collector's: only what it is. */
static void write_neighbour(struct snapshot *snapshot, uint32_t index)
{
    struct snapshot_object object = {.address = snapshot_address(snapshot, index)};
    objects_describe(snapshot, &object, *snapshot_marks(snapshot, index) & MARK_NAMESPACE);
    snapshot_object(snapshot, &object, NULL, 0);
}

void photograph_young(struct snapshot *snapshot, uintptr_t interpreter)
{
    struct trial trial;
    trial_run(snapshot, interpreter, snapshot->generation, &trial);
    snapshot->examined = trial.count;
    begin(snapshot, interpreter, &trial);
    if (!trial.dead_count)
        snapshot_end(snapshot, OURO_SNAPSHOT_COMPLETE, NULL);
    struct edge_list list;
    if (!edges_create(&list, REFERENCES))
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "the copy has no memory");
    for (size_t i = 0; i < trial.dead_count; i++)
        *snapshot_marks(snapshot, snapshot_index(snapshot, trial.objects[trial.dead[i]])) |=
            MARK_TRACKED;
    mark_namespaces(snapshot, &trial);
    for (uint32_t i = 0; i < trial.dead_count; i++)
        photograph_object(snapshot, i, &list);
    for (uint32_t i = (uint32_t)trial.dead_count; i < snapshot_count(snapshot); i++)
        write_neighbour(snapshot, i);
    snapshot_end(snapshot, OURO_SNAPSHOT_COMPLETE, NULL);
}
