/* SPDX-License-Identifier: MIT */
/*
 * Sorting in the copy, where qsort() may not be called: it may ask malloc for memory. Shell's way, with
 * Knuth's distances.
 */
#ifndef OURO_BY_ADDRESS_H
#define OURO_BY_ADDRESS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BY_ADDRESS_MOST 64u /* bytes of an element */

static inline uintptr_t by_address_of(const unsigned char *element)
{
    uintptr_t address;
    memcpy(&address, element, sizeof address);
    return address;
}

/* Sorts elements of that size by the address that each begins with, ascending. */
static inline void sort_by_address(void *elements, uint32_t count, size_t size)
{
    unsigned char *list = elements, moving[BY_ADDRESS_MOST];
    uint32_t gap = 1;
    while (gap < count / 3)
        gap = gap * 3 + 1;
    for (; gap; gap /= 3)
        for (uint32_t i = gap; i < count; i++) {
            uint32_t at = i;
            memcpy(moving, list + i * size, size);
            for (; at >= gap && by_address_of(list + (at - gap) * size) > by_address_of(moving);
                 at -= gap)
                memcpy(list + at * size, list + (at - gap) * size, size);
            memcpy(list + at * size, moving, size);
        }
}

#endif
