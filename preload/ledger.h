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
#include "private.h"
#include "thread.h"
#include "word.h"

enum death_cause { DEATH_REFCOUNT, DEATH_COLLECTOR, DEATH_SHUTDOWN, DEATH_CAUSES };

struct typed_deaths; /* type_table.h */

#define LEDGER_LIFETIMES 32u /* buckets: ages have 31 bits */

/* What a row has counted. */
struct counter {
    uint64_t births, born_bytes; /* bytes only for rows of variable size */
    uint64_t deaths[DEATH_CAUSES];
    uint64_t died_bytes;
    uint32_t types;     /* first of the row's typed_deaths, 0: none yet */
    uint32_t last_type; /* which died here last */
    /* Deaths of a reference count that are not to be added to last_type's typed_deaths, modulo
     * 2^32: so the common death is counted once, and the rest of them is the type's. Counted before the
     * death is, so that who reads both in the other order never takes it for the type's. */
    uint32_t settled;
    uint8_t type_at; /* where in the block its object has its type; the adapter's use */
    uint8_t untyped; /* deaths of an unknown type in a row; the adapter's use */
    uint16_t spare;
    uint32_t lifetimes[LEDGER_LIFETIMES];
};
_Static_assert(sizeof(struct counter) == 192, "a counter is three cache lines");

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
    uint64_t parent_shape;   /* ledger_parent_shape(), never 0 in an entry in use */
    struct counter *counter; /* of the row */
    uint32_t word;           /* of a block born in the row */
};

/* A parent_shape: the caller's site, a generation, the block's size and whether it is an object. */
#define LEDGER_SHAPE_BITS 11u
#define LEDGER_GENERATIONS (1u << (32 - LEDGER_SHAPE_BITS))

#define SITE_CACHE_BITS 12u
#define SITE_CACHE_SIZE (1u << SITE_CACHE_BITS)
#define ROW_CACHE_BITS 12u
#define ROW_CACHE_SIZE (1u << ROW_CACHE_BITS)

struct ledger {
    struct counter *counters; /* by row */
    struct counter *written;  /* what the trace already has */
    uint64_t *seen;           /* by row: ledger_events() of that, to find changes by */
    struct lives lives;
    struct typed_deaths *typed; /* from 1 */
    uint32_t typed_count;
    uint64_t clock;       /* bytes allocated so far, all ledgers: exact with one ledger */
    uint64_t shared;      /* how much of it the common clock has */
    uint64_t next_stop;   /* clock at which ledger_stop() is due: to share it, or for an epoch */
    uint64_t next_epoch;  /* clock at which the recorder wants to be called */
    uint64_t polled;      /* clock at which ledger_on_poll was called last */
    uint64_t next_sample; /* clock at which the newest block is chosen as a sample */
    uint64_t sample_draw; /* what the distance to the next one is drawn from */
    bool sampled;         /* it is now: for the adapter, which clears it */
    uint64_t unknown_frees;
    const volatile int *collecting;  /* non-zero while the collector runs; never NULL */
    const volatile int *young_count; /* of the collector's youngest generation; never NULL */
    int young_limit;                 /* above it a run is near; INT_MAX: not watched */
    int gc_near;                     /* -1: the count was above when last looked at, else 0 */
    void *watched;                   /* the adapter's */
    uint64_t collected_blocks, collected_bytes; /* freed by the collector so far */
    const struct thread *collector; /* the thread that runs the collector, while it runs */
    bool shutdown;                  /* set by ledger_set_shutdown() */
    bool unusual; /* shutdown or collector are set, or lives are recorded: no short ways */
    bool alone;   /* the only ledger: its clock is the clock */
    bool in_use;
    struct site_cache_entry *site_cache;
    struct row_cache_entry *row_cache;
    struct ledger *next;
};

/* All ledgers, newest first; entries are never removed, only re-used. */
extern PRIVATE _Atomic(struct ledger *) ledgers;

/* A ledger for a new writer: an unused one or a new one. NULL when out of address space. */
struct ledger *ledger_acquire(void);
/* Gives the ledger back for another writer; its counts stay. */
void ledger_release(struct ledger *ledger);

/* In a forked child: what is alive becomes inherited births, everything else starts at zero. */
void ledger_inherit(void);

/* Slow paths. */
uint32_t ledger_make_row(struct ledger *ledger, uint64_t place, uint64_t parent_shape,
                         uint32_t site, uint64_t size, bool object);
/* Forgets which rows were remembered by place: generations are counted from the start again. */
void ledger_forget_rows(void);
void ledger_stop(struct ledger *ledger);

/* From here on (or no longer) deaths are the interpreter's shutdown. */
void ledger_set_shutdown(struct ledger *ledger, bool shutdown);

/* Asks for the next epoch at a value of the clock. */
void ledger_set_next_epoch(struct ledger *ledger, uint64_t clock);

/* Why the block that is freed now dies, when that takes more than a look. */
enum death_cause ledger_unusual_cause(struct ledger *ledger);

/* Set by the recorder: called when a ledger's clock passes its next_epoch. */
extern void (*ledger_on_epoch)(struct ledger *ledger);

/* Set before the program runs: called as ledger_poll_every() says. */
extern void (*ledger_on_poll)(struct ledger *ledger);

/*
 * From here on ledger_on_poll is called every so many bytes of each ledger's clock, on the ledger's
 * thread, from within an allocation. 0: at every allocation; LEDGER_NO_POLL, as at the start: never.
 * From any thread, and safe in a signal handler.
 */
#define LEDGER_NO_POLL UINT64_MAX
void ledger_poll_every(uint64_t bytes);

/* A block is chosen every so many bytes on average, UINT64_MAX: none. */
extern uint64_t ledger_sample;

#define LEDGER_SHARE_BYTES (64u << 10)

/* Grows with everything that is counted: births and deaths. */
static inline uint64_t ledger_events(const struct counter *counter)
{
    return WORD_READ(counter->births) + WORD_READ(counter->deaths[DEATH_REFCOUNT]) +
           WORD_READ(counter->deaths[DEATH_COLLECTOR]) + WORD_READ(counter->deaths[DEATH_SHUTDOWN]);
}

/* What callers at a site have in common of a parent_shape, in a generation. */
static inline uint64_t ledger_parent(uint32_t site, uint32_t generation)
{
    return (uint64_t)site << 32 | (uint32_t)(generation << LEDGER_SHAPE_BITS);
}

static inline uint32_t ledger_parent_site(uint64_t parent)
{
    return (uint32_t)(parent >> 32);
}

/* Sizes above LIVE_SIZE_LIMIT count as one. */
static inline uint64_t ledger_parent_shape(uint64_t parent, uint64_t size, bool object)
{
    return parent + ((size > LIVE_SIZE_LIMIT ? LIVE_SIZE_LIMIT + 1 : size) << 1 | object);
}

static inline struct site_cache_entry *ledger_site_slot(struct ledger *ledger, uint64_t place,
                                                        uint32_t parent)
{
    uint64_t hash = (place ^ (uint64_t)parent << 32) * 0x9e3779b97f4a7c15u;
    return &ledger->site_cache[hash >> (64 - SITE_CACHE_BITS)];
}

static inline struct row_cache_entry *ledger_row_slot(struct ledger *ledger, uint64_t place,
                                                      uint64_t parent_shape)
{
    uint64_t turned = parent_shape << 20 | parent_shape >> 44;
    return &ledger->row_cache[(place ^ turned) * 0x9e3779b97f4a7c15u >> (64 - ROW_CACHE_BITS)];
}

/* What is remembered of blocks of a shape allocated at a place; NULL: nothing. */
static inline const struct row_cache_entry *ledger_find_row(struct ledger *ledger, uint64_t place,
                                                            uint64_t parent_shape)
{
    const struct row_cache_entry *entry = ledger_row_slot(ledger, place, parent_shape);
    return __builtin_expect(entry->place == place && entry->parent_shape == parent_shape, 1) ? entry
                                                                                             : NULL;
}

static inline void ledger_count_birth(struct ledger *ledger, uint32_t row, uint64_t size,
                                      uint64_t weight)
{
    struct counter *counter = &ledger->counters[row];
    WORD_ADD(counter->births, weight);
    if (__builtin_expect(size > LIVE_SIZE_LIMIT, 0))
        WORD_ADD(counter->born_bytes, size * weight);
}

/*
 * A block of size bytes was born in row (0: not followed). weight is how many blocks it stands
 * for: 1, or in units of 1/OURO_SAMPLE_UNIT with sampling, where the caller keeps the clock.
 */
static inline void ledger_birth(struct ledger *ledger, uintptr_t address, uint64_t size,
                                uint32_t row, uint64_t weight)
{
    if (row && live_table_put(address, size, row, ledger->clock / OURO_CLOCK_UNIT))
        ledger_count_birth(ledger, row, size, weight);
}

/* size bytes were allocated: time goes on. True when ledger_stop() is due. */
static inline bool ledger_tick(struct ledger *ledger, uint64_t size)
{
    WORD_ADD(ledger->clock, size);
    return ledger->clock >= WORD_OWN(ledger->next_stop);
}

/* The lifetime of what was born then and dies now is counted; both are modulo 2^31. */
static inline void ledger_lifetime(struct counter *counter, uint64_t clock, uint32_t birth)
{
    uint32_t units = (uint32_t)(clock / OURO_CLOCK_UNIT) - birth;
    WORD_ADD(counter->lifetimes[31u ^ (unsigned)__builtin_clz(units << 1 | 1)], 1);
}

/* Whether what dies now may die of something else than its reference count. */
static inline bool ledger_attentive(const struct ledger *ledger)
{
    return *ledger->collecting || ledger->unusual;
}

static inline enum death_cause ledger_cause(struct ledger *ledger)
{
    return __builtin_expect(ledger_attentive(ledger), 0) ? ledger_unusual_cause(ledger)
                                                         : DEATH_REFCOUNT;
}

/*
 * Counts the death of a block taken with live_table_take. fixed_size is its row's size, weight what
 * its birth was counted with. Returns its cause.
 */
static inline enum death_cause ledger_death(struct ledger *ledger, const struct live_block *block,
                                            uint64_t fixed_size, uint64_t weight)
{
    struct counter *counter = &ledger->counters[block->row];
    enum death_cause cause = ledger_cause(ledger);
    WORD_ADD(counter->settled, cause == DEATH_REFCOUNT ? (uint32_t)weight : 0);
    WORD_ADD(counter->deaths[cause], weight);
    uint64_t size = fixed_size;
    if (block->flags & LIVE_SIZED) {
        size = block->size;
        WORD_ADD(counter->died_bytes, size * weight);
    }
    if (__builtin_expect(cause == DEATH_COLLECTOR, 0)) {
        WORD_ADD(ledger->collected_blocks, weight);
        WORD_ADD(ledger->collected_bytes, size * weight);
    }
    if (block->flags & LIVE_BORN)
        ledger_lifetime(counter, ledger->clock, block->birth);
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
