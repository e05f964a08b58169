/* SPDX-License-Identifier: MIT */
#include "structure/sparse.h"

#include <stdlib.h>

enum { PAGE_ITEMS = 64 };

void sparse_init(struct sparse *table, size_t item_size)
{
    *table = (struct sparse){.item_size = item_size};
}

void *sparse_find(const struct sparse *table, uint32_t number)
{
    if (number >= table->end || !table->pages[number / PAGE_ITEMS])
        return NULL;
    return (char *)table->pages[number / PAGE_ITEMS] + number % PAGE_ITEMS * table->item_size;
}

void *sparse_get(struct sparse *table, uint32_t number)
{
    if (number >= SPARSE_MOST)
        return NULL;
    if (number >= table->end) {
        /* The pages up to the largest number: at most 256 KiB of pointers. */
        uint32_t have = table->end ? (table->end - 1) / PAGE_ITEMS + 1 : 0;
        uint32_t need = number / PAGE_ITEMS + 1;
        if (need > have) {
            void **pages = reallocarray(table->pages, need, sizeof *pages);
            if (!pages)
                return NULL;
            for (uint32_t page = have; page < need; page++)
                pages[page] = NULL;
            table->pages = pages;
        }
        table->end = number + 1;
    }
    void **page = &table->pages[number / PAGE_ITEMS];
    if (!*page && !(*page = calloc(PAGE_ITEMS, table->item_size)))
        return NULL;
    return sparse_find(table, number);
}

void sparse_free(struct sparse *table)
{
    for (uint32_t n = 0; n < table->end; n += PAGE_ITEMS)
        free(table->pages[n / PAGE_ITEMS]);
    free(table->pages);
    sparse_init(table, table->item_size);
}
