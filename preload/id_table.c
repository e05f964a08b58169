/* SPDX-License-Identifier: MIT */
#include "id_table.h"

#include "memory.h"

/*
 * The slot keeps 32 bits of the hash, so growing re-inserts by them alone: the probe start is
 * taken from the tag, which is why lookups start at the hash's upper half as well.
 */
static void insert(uint64_t *slots, uint64_t mask, uint64_t hash, uint64_t slot)
{
    uint64_t i = hash;
    while ((uint32_t)slots[i & mask])
        i++;
    slots[i & mask] = slot;
}

static bool grow(struct id_table *table)
{
    uint64_t size = table->slots ? (table->mask + 1) * 2 : 1024;
    uint64_t *slots = memory_reserve(size * sizeof *slots);
    if (!slots)
        return false;
    for (uint64_t i = 0; table->slots && i <= table->mask; i++)
        if ((uint32_t)table->slots[i])
            insert(slots, size - 1, table->slots[i] >> 32, table->slots[i]);
    if (table->slots)
        memory_release(table->slots, (table->mask + 1) * sizeof *slots);
    table->slots = slots;
    table->mask = size - 1;
    return true;
}

bool id_table_add(struct id_table *table, uint64_t hash, uint32_t id)
{
    if ((!table->slots || table->used * 2 > table->mask) && !grow(table))
        return false;
    insert(table->slots, table->mask, hash >> 32, (hash >> 32) << 32 | id);
    table->used++;
    return true;
}
