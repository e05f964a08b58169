/* SPDX-License-Identifier: MIT */
#include "export/heapsnapshot_ids.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Of the numbers half are there for identifiers: the odd ones. */
#define ID_COUNT ((UINT32_C(1) << 31) - HEAPSNAPSHOT_ID_FIRST)

static uint32_t home(const struct snapshot *snapshot, uint32_t object, const uint64_t *type_hash)
{
    uint64_t key[3] = {snapshot->address[object], object_birth(snapshot, object),
                       type_hash[snapshot->type[object]]};
    return (uint32_t)(XXH3_64bits(key, sizeof key) % ID_COUNT);
}

/* Whether an object keeps its number if another one would have the same. */
static bool comes_before(const struct snapshot *snapshot, uint32_t left, uint32_t right)
{
    uint64_t a = object_birth(snapshot, left), b = object_birth(snapshot, right);
    return a != b ? a < b : snapshot->address[left] < snapshot->address[right];
}

/* Which object has a number: open addressing. */
struct owners {
    uint32_t *object; /* NO_ID: free */
    uint32_t mask;
};

static uint32_t *slot_of(const struct owners *owners, const uint32_t *id, uint32_t number)
{
    uint32_t slot =
        (uint32_t)((uint64_t)number * UINT64_C(0x9e3779b97f4a7c15) >> 32) & owners->mask;
    while (owners->object[slot] != NO_ID && id[owners->object[slot]] != number)
        slot = (slot + 1) & owners->mask;
    return &owners->object[slot];
}

/* Gives the object its number. Who has a number does not depend on the order of calls: the older one
 * of two keeps it. */
static void place(const struct snapshot *snapshot, struct owners *owners, uint32_t *id,
                  uint32_t object, uint32_t number)
{
    for (;; number = (number + 1) % ID_COUNT) {
        uint32_t *slot = slot_of(owners, id, number), other = *slot;
        if (other == NO_ID || comes_before(snapshot, object, other)) {
            id[object] = number;
            *slot = object;
            object = other;
            if (object == NO_ID)
                return;
        }
    }
}

uint32_t *heapsnapshot_ids(const struct snapshot *snapshot)
{
    uint32_t count = snapshot->object_count;
    uint64_t slots = 1024;
    if (count > UINT32_C(1) << 30)
        return NULL;
    while (slots < (uint64_t)count * 2)
        slots *= 2;
    uint32_t *id = malloc(((size_t)count + 1) * sizeof *id);
    uint64_t *type_hash = malloc(((size_t)snapshot->type_count + 1) * sizeof *type_hash);
    struct owners owners = {malloc(slots * sizeof *owners.object), (uint32_t)(slots - 1)};
    if (!id || !type_hash || !owners.object) {
        free(id);
        id = NULL;
        goto out;
    }
    memset(owners.object, 0xff, slots * sizeof *owners.object);
    type_hash[0] = 0;
    for (uint32_t t = 1; t <= snapshot->type_count; t++)
        type_hash[t] = XXH3_64bits(snapshot->types[t].name, strlen(snapshot->types[t].name));
    for (uint32_t o = 0; o < count; o++)
        place(snapshot, &owners, id, o, home(snapshot, o, type_hash));
    for (uint32_t o = 0; o < count; o++)
        id[o] = (id[o] + HEAPSNAPSHOT_ID_FIRST) * 2 + 1;
out:
    free(type_hash);
    free(owners.object);
    return id;
}
