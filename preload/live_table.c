/* SPDX-License-Identifier: MIT */
#include "live_table.h"

#include <sys/mman.h>

#include "memory.h"

struct live_table live_table;

#define REGIONS ((size_t)1 << (LIVE_ADDRESS_BITS - LIVE_REGION_BITS))
#define REGION_BYTES (LIVE_REGION_WORDS * sizeof(uint32_t))

bool live_table_create(void)
{
    live_table.regions = memory_reserve(REGIONS * sizeof *live_table.regions);
    live_table.made = memory_reserve(REGIONS * sizeof *live_table.made);
    return live_table.regions && live_table.made;
}

uint64_t live_table_resident(void)
{
    unsigned char pages[REGION_BYTES / 4096];
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < live_table.made_count; i++) {
        if (mincore(live_table.regions[live_table.made[i]], REGION_BYTES, pages) != 0)
            continue;
        for (size_t page = 0; page < sizeof pages; page++)
            bytes += pages[page] & 1 ? 4096 : 0;
    }
    return bytes;
}

uint32_t *live_table_make_region(uintptr_t address)
{
    if (address & LIVE_NO_ADDRESS)
        return NULL;
    live_region *slot = &live_table.regions[address >> LIVE_REGION_BITS];
    /* A block at the very end of a region may need words of the next: room for three more. */
    uint32_t *made = memory_reserve(REGION_BYTES + 4096);
    uint32_t *expected = NULL;
    if (made && !atomic_compare_exchange_strong(slot, &expected, made)) {
        memory_release(made, REGION_BYTES + 4096);
        made = expected; /* another thread was first */
    } else if (made) {
        live_table.made[atomic_fetch_add(&live_table.made_count, 1)] =
            (uint32_t)(address >> LIVE_REGION_BITS);
    } else {
        made = atomic_load(slot);
    }
    return made ? made + ((address >> 4) & (LIVE_REGION_WORDS - 1)) : NULL;
}
