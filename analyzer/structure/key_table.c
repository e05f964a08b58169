/* SPDX-License-Identifier: MIT */
#include "structure/key_table.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FREE UINT32_MAX

void key_table_init(struct key_table *table, size_t key_size)
{
    *table = (struct key_table){.key_size = key_size};
}

const void *key_table_key(const struct key_table *table, uint32_t number)
{
    return table->keys + (size_t)number * table->key_size;
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *slot_find(const struct key_table *table, const void *key)
{
    uint32_t mask = table->slot_count - 1;
    uint32_t at = (uint32_t)XXH3_64bits(key, table->key_size) & mask;
    while (table->slots[at] != FREE &&
           memcmp(key_table_key(table, table->slots[at]), key, table->key_size) != 0)
        at = (at + 1) & mask;
    return &table->slots[at];
}

static bool table_grow(struct key_table *table)
{
    if (table->count == table->room) {
        uint32_t room = table->room ? table->room * 2 : 64;
        unsigned char *keys = realloc(table->keys, room * table->key_size);
        if (!keys)
            return false;
        table->keys = keys;
        table->room = room;
    }
    if (table->count < table->slot_count / 2)
        return true;
    uint32_t slot_count = table->slot_count ? table->slot_count * 2 : 128;
    uint32_t *slots = malloc(slot_count * sizeof *slots);
    if (!slots)
        return false;
    free(table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    memset(slots, 0xff, slot_count * sizeof *slots);
    for (uint32_t n = 0; n < table->count; n++)
        *slot_find(table, key_table_key(table, n)) = n;
    return true;
}

bool key_table_add(struct key_table *table, const void *key, uint32_t *number)
{
    if (table->count >= UINT32_MAX / 4 || !table_grow(table))
        return false;
    uint32_t *slot = slot_find(table, key);
    if (*slot == FREE) {
        memcpy(table->keys + (size_t)table->count * table->key_size, key, table->key_size);
        *slot = table->count++;
    }
    *number = *slot;
    return true;
}

bool key_table_find(const struct key_table *table, const void *key, uint32_t *number)
{
    if (!table->slot_count)
        return false;
    *number = *slot_find(table, key);
    return *number != FREE;
}

void key_table_free(struct key_table *table)
{
    free(table->keys);
    free(table->slots);
    *table = (struct key_table){0};
}
