/* SPDX-License-Identifier: MIT */
/*
 * Zeroed items by number, for numbers that should be dense but come from a file: memory follows the
 * numbers that are used, not the largest.
 */
#ifndef OURO_ANALYZER_SPARSE_H
#define OURO_ANALYZER_SPARSE_H

#include <stddef.h>
#include <stdint.h>

/* Numbers are below this. */
#define SPARSE_MOST ((uint32_t)1 << 21)

struct sparse {
    size_t item_size;
    uint32_t end; /* one more than the largest number used */
    void **pages;
};

/* An empty table of items of item_size bytes; takes no memory yet. */
void sparse_init(struct sparse *table, size_t item_size);

/* The item with a number below SPARSE_MOST, which is made if it is not there; NULL: no memory. Items
 * do not move. */
void *sparse_get(struct sparse *table, uint32_t number);

/* The item with a number, or NULL: neither it nor one close to it was made. */
void *sparse_find(const struct sparse *table, uint32_t number);

void sparse_free(struct sparse *table);

#endif
