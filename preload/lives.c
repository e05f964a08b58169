/* SPDX-License-Identifier: MIT */
#include "lives.h"

#include <stdatomic.h>

#include "ledger.h"
#include "live_table.h"
#include "memory.h"
#include "recorder.h"
#include "site_tree.h"

bool lives_create(struct lives *lives)
{
    lives->batch = memory_reserve(LIVES_BATCH * sizeof *lives->batch);
    return lives->batch != NULL;
}

void lives_flush(struct lives *lives)
{
    if (lives->count)
        recorder_lives(lives->batch, lives->count);
    lives->count = 0;
}

/* Every block still in the live table. */
static void add_living(struct lives *lives, uint64_t now)
{
    for (uint32_t made = 0; made < live_table.made_count; made++) {
        uintptr_t region = live_table.made[made];
        for (uintptr_t i = 0; i < LIVE_REGION_WORDS; i++) {
            struct live_block block;
            if (!live_table_get(region << LIVE_REGION_BITS | i << 4, &block))
                continue;
            if (!(block.flags & LIVE_DORMANT))
                *lives_add(lives) = (struct life){
                    .size = block.size,
                    .row = block.row,
                    .death = (uint32_t)now,
                    .age = block.flags & LIVE_BORN ? live_table_age(&block, now) + 1 : 0,
                    .cause = OURO_LIFE_ALIVE,
                };
        }
    }
}

void lives_flush_all(void)
{
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
        if (!ledger->lives.batch)
            continue;
        if (!ledger->next) /* once */
            add_living(&ledger->lives, recorder_clock() / OURO_CLOCK_UNIT);
        lives_flush(&ledger->lives);
    }
}
