/* SPDX-License-Identifier: MIT */
/*
 * A hash table from a 64-bit hash to 32-bit identifiers; the caller's array holds the keys and
 * decides equality. Open addressing, linear probing, at most half full. Not thread-safe: callers
 * hold their lock. Identifier 0 means absent.
 */
#ifndef OURO_ID_TABLE_H
#define OURO_ID_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct id_table {
    uint64_t *slots; /* upper half: tag of the hash, lower half: identifier */
    uint64_t mask, used;
};

/* Mixes a key to a hash whose every bit depends on every bit of the key (splitmix64). */
static inline uint64_t id_table_mix(uint64_t key)
{
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
    key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
    return key ^ (key >> 31);
}

/*
 * Walks the identifiers whose hash agrees in 32 bits: set *probe to hash >> 32 before the first
 * call. Returns 0 when there are no more.
 */
static inline uint32_t id_table_next(const struct id_table *table, uint64_t hash, uint64_t *probe)
{
    if (!table->slots)
        return 0;
    for (;; ++*probe) {
        uint64_t slot = table->slots[*probe & table->mask];
        if (!(uint32_t)slot)
            return 0;
        if (slot >> 32 == hash >> 32) {
            ++*probe;
            return (uint32_t)slot;
        }
    }
}

/* Adds an identifier that is not there yet. False when out of memory. */
bool id_table_add(struct id_table *table, uint64_t hash, uint32_t id);

#endif
