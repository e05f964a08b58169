/* SPDX-License-Identifier: MIT */
/*
 * Values of immutable objects, by 128-bit hashes that the adapter makes: which objects have the same
 * one. In the copy only. Written at the end: the values that several objects have, and those objects.
 */
#ifndef OURO_SNAPSHOT_VALUES_H
#define OURO_SNAPSHOT_VALUES_H

#include "snapshot.h"

struct snapshot_value {
    uint64_t hash[2];
    uint64_t length; /* in the type's own units */
    uint32_t type;   /* snapshot_type() */
};

/*
 * Gives the object its value, once. One that does not count (the runtime keeps one such object for
 * all) is known to snapshot_value_of(), and no copy.
 */
void snapshot_value_add(struct snapshot *snapshot, uint32_t index,
                        const struct snapshot_value *value, bool counts);

/* The value of an object, NULL when it has none. */
const struct snapshot_value *snapshot_value_of(const struct snapshot *snapshot, uint32_t index);

/*
 * After the last object: calls preview, unless it is NULL, for one object of every value that has
 * several, which fills in at most size bytes and returns the enum ouro_value_flag bits.
 */
typedef uint32_t (*snapshot_preview)(uintptr_t address, char *out, size_t size, size_t *length);
void snapshot_write_values(struct snapshot *snapshot, snapshot_preview preview);

#endif
