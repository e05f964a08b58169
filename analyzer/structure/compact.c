/* SPDX-License-Identifier: MIT */
#include "structure/compact.h"

uint64_t compact_get_far(const struct compact *column, uint32_t at)
{
    uint32_t low = 0, high = column->far_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (column->far[middle].at == at)
            return column->far[middle].value;
        if (column->far[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}
