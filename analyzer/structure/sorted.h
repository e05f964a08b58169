/* SPDX-License-Identifier: MIT */
/* Search in ascending arrays of numbers. */
#ifndef OURO_ANALYZER_SORTED_H
#define OURO_ANALYZER_SORTED_H

#include <stdint.h>

/* The index of number in an ascending array without repetitions, or count if it is not there. */
static inline uint32_t sorted_find(const uint32_t *numbers, uint32_t count, uint32_t number)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && numbers[low] == number ? low : count;
}

#endif
