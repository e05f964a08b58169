/* SPDX-License-Identifier: MIT */
/*
 * The ledger: births, deaths, bytes and lifetimes of every row, and the allocation clock. The hot
 * path of the shim is ledger_birth() and ledger_death().
 *
 * A ledger has one writer at a time. With a global lock in the runtime all its threads share one
 * ledger; each interpreter with a lock of its own, and each thread of a runtime without one, has
 * its own. Readers (the recorder) only ever see counters that grow, so the sum over all ledgers
 * needs no lock.
 */
#ifndef OURO_LEDGER_H
#define OURO_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "live_table.h"
#include "lives.h"
#include "ouro/trace.h"
#include "thread.h"

enum death_cause { DEATH_REFCOUNT, DEATH_COLLECTOR, DEATH_SHUTDOWN, DEATH_CAUSES };

struct typed_deaths; /* type_table.h */

struct counter {
    uint64_t births, born_bytes; /* bytes only for rows of variable size */
    uint64_t deaths[DEATH_CAUSES];
    uint64_t died_bytes;
    uint32_t types;    /* first of the row's typed_deaths, 0: none yet */
    uint32_t untyped;  /* deaths of an unknown type in a row, the adapter's use */
    uint64_t reserved; /* one cache line */
};
_Static_assert(sizeof(struct counter) == 64, "a counter is one cache line");

struct lifetimes {
    uint32_t bucket[OURO_LIFETIME_BUCKETS];
};

/*
 * A place is a word of the adapter's that tells where in the program a frame stands. It holds for
 * one generation of the adapter's code map: what was remembered of an older one is void. Place 0
 * with parent 0 is that of no frame at all.
 */

/* Remembers the site of a frame at a place, called from a known site. */
struct site_cache_entry {
    uint64_t place;
    uint32_t parent, generation;
    uint32_t site;
};

/* Remembers the row of blocks of one shape that such a frame allocates. */
struct row_cache_entry {
    uint64_t place;
    uint32_t parent, generation;
    uint32_t shape; /* size << 1 | object; sizes above LIVE_SIZE_LIMIT as one */
    uint32_t row;
};

#define SITE_CACHE_BITS 12u
#define SITE_CACHE_SIZE (1u << SITE_CACHE_BITS)
#define ROW_CACHE_BITS 12u
#define ROW_CACHE_SIZE (1u << ROW_CACHE_BITS)

struct ledger {
    struct counter *counters;    /* by row */
    struct lifetimes *lifetimes; /* by row */
    struct counter *written;     /* what the trace already has */
    struct lifetimes *lifetimes_written;
    struct lives lives;
    struct typed_deaths *typed; /* from 1 */
    uint32_t typed_count;
    uint64_t clock;      /* bytes allocated so far, all ledgers: exact with one ledger */
    uint64_t unshared;   /* part of clock not yet added to the common clock */
    uint64_t next_epoch; /* clock at which the recorder wants to be called */
    uint64_t live_blocks, live_bytes; /* may wrap below zero for one ledger, never in the sum */
    uint64_t unknown_frees;
    const volatile int *collecting;  /* non-zero while the collector runs */
    const volatile int *young_count; /* of the collector's youngest generation; NULL: not watched */
    int young_limit;                 /* above it a run is near */
    bool gc_near;                    /* the count was above when last looked at */
    void *watched;                   /* the adapter's */
    uint64_t collected_blocks, collected_bytes; /* freed by the collector so far */
    const struct thread *collector; /* the thread that runs the collector, while it runs */
    bool shutdown;
    bool alone; /* the only ledger: its clock is the clock */
    bool in_use;
    struct site_cache_entry *site_cache;
    struct row_cache_entry *row_cache;
    struct ledger *next;
};

/* All ledgers, newest first; entries are never removed, only re-used. */
extern _Atomic(struct ledger *) ledgers;

/* A ledger for a new writer: an unused one or a new one. NULL when out of address space. */
struct ledger *ledger_acquire(void);
/* Gives the ledger back for another writer; its counts stay. */
void ledger_release(struct ledger *ledger);

/* In a forked child: what is alive becomes inherited births, everything else starts at zero. */
void ledger_inherit(void);

/* Slow paths. */
uint32_t ledger_make_row(struct ledger *ledger, uint64_t place, uint32_t parent,
                         uint32_t generation, uint32_t site, uint64_t size, bool object);
void ledger_epoch_due(struct ledger *ledger);
void ledger_share_clock(struct ledger *ledger);

/* Set by the recorder: called when a ledger's clock passes its next_epoch. */
extern void (*ledger_on_epoch)(struct ledger *ledger);

#define LEDGER_SHARE_BYTES (64u << 10)

static inline uint32_t ledger_shape(uint64_t size, bool object)
{
    return (uint32_t)(size > LIVE_SIZE_LIMIT ? LIVE_SIZE_LIMIT + 1 : size) << 1 | object;
}

static inline struct site_cache_entry *ledger_site_slot(struct ledger *ledger, uint64_t place,
                                                        uint32_t parent)
{
    uint64_t hash = (place ^ (uint64_t)parent << 32) * 0x9e3779b97f4a7c15u;
    return &ledger->site_cache[hash >> (64 - SITE_CACHE_BITS)];
}

static inline struct row_cache_entry *ledger_row_slot(struct ledger *ledger, uint64_t place,
                                                      uint32_t parent, uint32_t shape)
{
    uint64_t hash = (place ^ (uint64_t)parent << 32 ^ (uint64_t)shape << 20) * 0x9e3779b97f4a7c15u;
    return &ledger->row_cache[hash >> (64 - ROW_CACHE_BITS)];
}

/* The row of a block of size bytes allocated at a place; 0 when it is not remembered. */
static inline uint32_t ledger_find_row(struct ledger *ledger, uint64_t place, uint32_t parent,
                                       uint32_t generation, uint64_t size, bool object)
{
    uint32_t shape = ledger_shape(size, object);
    const struct row_cache_entry *entry = ledger_row_slot(ledger, place, parent, shape);
    return entry->place == place && entry->parent == parent && entry->shape == shape &&
                   entry->generation == generation
               ? entry->row
               : 0;
}

/*
 * A block of size bytes was born in row (0: not followed). weight is how many blocks it stands
 * for: 1, or in units of 1/OURO_SAMPLE_UNIT with sampling, where the caller keeps the clock.
 */
static inline void ledger_birth(struct ledger *ledger, uintptr_t address, uint64_t size,
                                uint32_t row, uint64_t weight)
{
    if (!row || !live_table_put(address, size, row, ledger->clock / OURO_CLOCK_UNIT))
        return;
    struct counter *counter = &ledger->counters[row];
    counter->births += weight;
    if (size > LIVE_SIZE_LIMIT)
        counter->born_bytes += size * weight;
    ledger->live_blocks += weight;
    ledger->live_bytes += size * weight;
}

/* size bytes were allocated: time goes on. */
static inline void ledger_tick(struct ledger *ledger, uint64_t size)
{
    ledger->clock += size;
    if (__builtin_expect(!ledger->alone, 0)) {
        ledger->unshared += size;
        if (ledger->unshared >= LEDGER_SHARE_BYTES)
            ledger_share_clock(ledger);
    }
    if (__builtin_expect(ledger->clock >= ledger->next_epoch, 0))
        ledger_epoch_due(ledger);
}

static inline unsigned ledger_lifetime_bucket(uint32_t units)
{
    return units ? 32u - (unsigned)__builtin_clz(units) : 0;
}

/*
 * While the collector runs only its own thread's deaths are its doing: a finalizer may let other
 * threads run. The first death of a run is the collecting thread's.
 */
static inline enum death_cause ledger_collecting(struct ledger *ledger)
{
    if (!ledger->collector)
        ledger->collector = &this_thread;
    return ledger->collector == &this_thread ? DEATH_COLLECTOR : DEATH_REFCOUNT;
}

/*
 * Counts the death of a block taken with live_table_take. fixed_size is its row's size, weight what
 * its birth was counted with. Returns its cause.
 */
static inline enum death_cause ledger_death(struct ledger *ledger, const struct live_block *block,
                                            uint64_t fixed_size, uint64_t weight)
{
    struct counter *counter = &ledger->counters[block->row];
    enum death_cause cause = DEATH_REFCOUNT;
    if (__builtin_expect(ledger->shutdown, 0))
        cause = DEATH_SHUTDOWN;
    else if (ledger->collecting && *ledger->collecting)
        cause = ledger_collecting(ledger);
    else if (__builtin_expect(ledger->collector != NULL, 0))
        ledger->collector = NULL;
    counter->deaths[cause] += weight;
    uint64_t size = fixed_size;
    if (block->flags & LIVE_SIZED) {
        size = block->size;
        counter->died_bytes += size * weight;
    }
    if (__builtin_expect(cause == DEATH_COLLECTOR, 0)) {
        ledger->collected_blocks += weight;
        ledger->collected_bytes += size * weight;
    }
    ledger->live_blocks -= weight;
    ledger->live_bytes -= size * weight;
    if (block->flags & LIVE_BORN) {
        uint32_t units = live_table_age(block, ledger->clock / OURO_CLOCK_UNIT);
        ledger->lifetimes[block->row].bucket[ledger_lifetime_bucket(units)]++;
    }
    return cause;
}

/* With --lives: the life that just ended. type is 0 where it is not known. */
static inline void ledger_life(struct ledger *ledger, const struct live_block *block,
                               enum death_cause cause, uint32_t type)
{
    uint64_t now = ledger->clock / OURO_CLOCK_UNIT;
    *lives_add(&ledger->lives) = (struct life){
        .size = block->size,
        .row = block->row,
        .type = type,
        .death = (uint32_t)now,
        .age = block->flags & LIVE_BORN ? live_table_age(block, now) + 1 : 0,
        .cause = (uint8_t)cause,
    };
}

#endif
