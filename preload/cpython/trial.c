/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include "../memory.h"
#include "api.h"
#include "gc_state.h"
#include "layout.h"
#include "objects.h"

struct work {
    struct trial *trial;
    uint32_t *slots; /* hash table of index + 1 */
    size_t mask;
    int64_t *counts; /* references that no object of the generations is known to have */
    bool *reached;
    size_t *stack; /* of objects reached whose references are still to be followed */
    size_t depth;
};

static void *reserve(struct snapshot *snapshot, size_t size)
{
    void *memory = memory_reserve(size ? size : 1);
    if (!memory)
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "the copy has no memory");
    return memory;
}

static size_t slot_of(const struct work *work, uintptr_t object)
{
    size_t at = (size_t)((object >> 4) * 0x9e3779b97f4a7c15u >> 20);
    for (;; at++) {
        uint32_t entry = work->slots[at & work->mask];
        if (!entry || work->trial->objects[entry - 1] == object)
            return at & work->mask;
    }
}

/* Whether an object is one of those looked at, and which. */
static bool find(const struct work *work, uintptr_t object, size_t *index)
{
    uint32_t entry = work->slots[slot_of(work, object)];
    *index = entry - 1u;
    return entry != 0;
}

static void list(struct snapshot *snapshot, uintptr_t interpreter, unsigned generation,
                 struct work *work)
{
    struct trial *trial = work->trial;
    for (unsigned g = 0; g <= generation; g++) {
        uintptr_t head = gc_list(interpreter, (int)g);
        for (uintptr_t at = gc_next(head); at != head; at = gc_next(at))
            trial->count++;
    }
    size_t room = 16;
    while (room < 2 * trial->count)
        room *= 2;
    if (room > UINT32_MAX)
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "more objects than a snapshot holds");
    work->mask = room - 1;
    work->slots = reserve(snapshot, room * sizeof *work->slots);
    trial->objects = reserve(snapshot, trial->count * sizeof *trial->objects);
    trial->dead = reserve(snapshot, trial->count * sizeof *trial->dead);
    work->counts = reserve(snapshot, trial->count * sizeof *work->counts);
    work->reached = reserve(snapshot, trial->count);
    work->stack = reserve(snapshot, trial->count * sizeof *work->stack);
    size_t index = 0;
    for (unsigned g = 0; g <= generation; g++) {
        uintptr_t head = gc_list(interpreter, (int)g);
        for (uintptr_t at = gc_next(head); at != head && index < trial->count; at = gc_next(at)) {
            trial->objects[index] = at + 16;
            work->slots[slot_of(work, at + 16)] = (uint32_t)++index;
        }
    }
}

static void reach(struct work *work, size_t index)
{
    if (work->reached[index])
        return;
    work->reached[index] = true;
    work->stack[work->depth++] = index;
}

static int count_off(py_object *referent, void *argument)
{
    struct work *work = argument;
    size_t index;
    if (find(work, (uintptr_t)referent, &index))
        work->counts[index]--;
    return 0;
}

static int follow(py_object *referent, void *argument)
{
    struct work *work = argument;
    size_t index;
    if (find(work, (uintptr_t)referent, &index))
        reach(work, index);
    return 0;
}

/* False if the object's type faults on it. */
static bool traverse(struct snapshot *snapshot, uintptr_t object, visitor visit, struct work *work)
{
    if (sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 0;
        return false;
    }
    snapshot->guarded = 1;
    uintptr_t function = type_word(object_type(object), TP_TRAVERSE);
    traverser call;
    memcpy(&call, &function, sizeof call);
    if (call)
        call((void *)object, visit, work);
    snapshot->guarded = 0;
    return true;
}

void trial_run(struct snapshot *snapshot, uintptr_t interpreter, unsigned generation,
               struct trial *trial)
{
    struct work work = {.trial = trial};
    *trial = (struct trial){0};
    list(snapshot, interpreter, generation, &work);
    for (size_t i = 0; i < trial->count; i++) {
        bool immortal;
        work.counts[i] += (int64_t)objects_refcount(trial->objects[i], &immortal);
        if (immortal)
            work.counts[i] = INT64_MAX / 2;
    }
    bool sound = true;
    for (size_t i = 0; i < trial->count; i++)
        sound = traverse(snapshot, trial->objects[i], count_off, &work) && sound;
    if (!sound) { /* what an object that cannot be read holds is not known */
        trial->dead_count = 0;
        return;
    }
    for (size_t i = 0; i < trial->count; i++)
        if (work.counts[i] > 0)
            reach(&work, i);
    while (work.depth)
        traverse(snapshot, trial->objects[work.stack[--work.depth]], follow, &work);
    for (size_t i = 0; i < trial->count; i++)
        if (!work.reached[i])
            trial->dead[trial->dead_count++] = i;
}
