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
    struct live_walk walk;
    struct live_block block;
    uintptr_t address;
    live_walk_begin(&walk);
    while (live_walk_next(&walk, &address, &block))
        if (!(block.flags & LIVE_DORMANT))
            *lives_add(lives) = (struct life){
                .size = block.size,
                .row = block.row,
                .death = (uint32_t)now,
                .age = block.flags & LIVE_BORN ? live_table_age(&block, now) + 1 : 0,
                .cause = OURO_LIFE_ALIVE,
            };
    live_walk_end(&walk);
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
