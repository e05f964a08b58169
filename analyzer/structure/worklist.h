/* SPDX-License-Identifier: MIT */
/*
 * A growing stack of 32-bit identifiers: what every iterative traversal needs. Starts all zero,
 * released by worklist_free().
 */
#ifndef OURO_ANALYZER_WORKLIST_H
#define OURO_ANALYZER_WORKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct worklist {
    uint32_t *items;
    size_t count, room;
};

/* Returns false, and leaves the list as it was, when there is no memory. */
static inline bool worklist_push(struct worklist *list, uint32_t item)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 1024;
        uint32_t *items = realloc(list->items, room * sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = item;
    return true;
}

static inline void worklist_free(struct worklist *list)
{
    free(list->items);
    *list = (struct worklist){0};
}

#endif
