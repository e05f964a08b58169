/* SPDX-License-Identifier: MIT */
#include "live_table.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

struct live_table live_table;

#define REGION_BYTES (LIVE_REGION_WORDS * sizeof(uint32_t))

bool live_table_create(void)
{
    live_table.regions = memory_reserve((size_t)LIVE_REGIONS * sizeof *live_table.regions);
    live_table.made = memory_reserve((size_t)LIVE_REGIONS * sizeof *live_table.made);
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

void live_walk_begin(struct live_walk *walk)
{
    walk->made = walk->word = 0;
    walk->words = NULL;
    walk->pages = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
}

void live_walk_end(struct live_walk *walk)
{
    if (walk->pages >= 0)
        close(walk->pages);
}

/* Finds out which pages of the region hold anything: most were never touched. */
static void enter(struct live_walk *walk)
{
    const uint64_t held = UINT64_C(3) << 62; /* in memory, or swapped out */
    off_t at = (off_t)((uintptr_t)walk->words / 4096 * sizeof *walk->present);
    bool known = walk->pages >= 0 && pread(walk->pages, walk->present, sizeof walk->present, at) ==
                                         (ssize_t)sizeof walk->present;
    for (size_t i = 0; i < sizeof walk->present / sizeof *walk->present; i++)
        walk->present[i] = !known || walk->present[i] & held;
}

/* The next word of the region that is not zero, or LIVE_REGION_WORDS. */
static uint32_t next_word(const struct live_walk *walk)
{
    uint32_t at = walk->word;
    while (at < LIVE_REGION_WORDS) {
        uint64_t two;
        if (at % LIVE_PAGE_WORDS == 0 && !walk->present[at / LIVE_PAGE_WORDS]) {
            at += LIVE_PAGE_WORDS;
        } else if (at % 2) {
            if (walk->words[at])
                return at;
            at++;
        } else {
            memcpy(&two, &walk->words[at], sizeof two);
            if (two)
                return at + !walk->words[at];
            at += 2;
        }
    }
    return at;
}

bool live_walk_next(struct live_walk *walk, uintptr_t *address, struct live_block *block)
{
    for (;; walk->made++, walk->word = 0, walk->words = NULL) {
        if (walk->made >= live_table.made_count)
            return false;
        uintptr_t region = live_table.made[walk->made];
        if (!walk->words) {
            walk->words = atomic_load(&live_table.regions[region]);
            if (!walk->words)
                continue; /* being made by another thread when the copy was made */
            enter(walk);
        }
        while ((walk->word = next_word(walk)) < LIVE_REGION_WORDS) {
            const uint32_t *word = &walk->words[walk->word];
            *address = region << LIVE_REGION_BITS | (uintptr_t)walk->word++ << 4;
            if (!(*word & LIVE_FIRST) || !(*word & LIVE_ROW_MASK))
                continue;
            live_table_decode(word, block);
            return true;
        }
    }
}
