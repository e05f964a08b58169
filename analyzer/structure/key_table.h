/* SPDX-License-Identifier: MIT */
/*
 * Dense numbers for keys of a fixed size, in order of first appearance. Keys are compared as bytes,
 * so a key type must have no padding.
 */
#ifndef OURO_ANALYZER_KEY_TABLE_H
#define OURO_ANALYZER_KEY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_table {
    size_t key_size;
    uint32_t count; /* keys so far; key n is at keys + n × key_size */
    unsigned char *keys;
    uint32_t room;
    uint32_t *slots; /* open addressing, a power of two; all bits set: free */
    uint32_t slot_count;
};

/* An empty table for keys of key_size bytes; takes no memory yet. */
void key_table_init(struct key_table *table, size_t key_size);

/* The number of the key, which is added if new. Returns false without memory or with 2^30 keys. */
bool key_table_add(struct key_table *table, const void *key, uint32_t *number);

/* The number of a key, if it is there. */
bool key_table_find(const struct key_table *table, const void *key, uint32_t *number);

/* The key with a number. Valid until the next key is added. */
const void *key_table_key(const struct key_table *table, uint32_t number);

void key_table_free(struct key_table *table);

#endif
