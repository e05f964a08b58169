/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "memory.h"
#include "options.h"
#include "site_tree.h"
#include "type_table.h"

_Atomic(struct ledger *) ledgers;
void (*ledger_on_epoch)(struct ledger *ledger);
void (*ledger_on_poll)(struct ledger *ledger);
uint64_t ledger_sample = UINT64_MAX;

static _Atomic uint64_t poll_distance = LEDGER_NO_POLL;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of acquiring and releasing */
static _Atomic uint64_t common_clock;
static const volatile int nobody_collects;

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/*
 * Whichever comes first: the next epoch, a poll, or the time to tell what was allocated. Another
 * thread may change the distance of polls meanwhile and ask for a stop at once: that its zero was not
 * written over is known when the distance is still the same after the stop was set.
 */
static void set_stop(struct ledger *ledger)
{
    uint64_t distance;
    do {
        distance = atomic_load(&poll_distance);
        uint64_t stop =
            WORD_READ(ledger->alone) ? UINT64_MAX : WORD_READ(ledger->shared) + LEDGER_SHARE_BYTES;
        stop = sooner(stop, WORD_READ(ledger->next_epoch));
        stop = sooner(stop, WORD_READ(ledger->next_sample));
        if (distance != LEDGER_NO_POLL)
            stop = sooner(stop, WORD_READ(ledger->polled) + distance);
        __atomic_store_n(&ledger->next_stop, stop, __ATOMIC_SEQ_CST);
    } while (atomic_load(&poll_distance) != distance);
}

void ledger_poll_every(uint64_t bytes)
{
    if (atomic_exchange(&poll_distance, bytes) <= bytes)
        return; /* the stops that are set come soon enough */
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        WORD_WRITE(ledger->next_stop, 0); /* its own thread sets it anew */
}

/* At a distance of half to one and a half times the mean, so that no loop keeps in step with it. */
static void set_sample(struct ledger *ledger)
{
    if (ledger_sample == UINT64_MAX) {
        WORD_WRITE(ledger->next_sample, UINT64_MAX);
        return;
    }
    ledger->sample_draw = ledger->sample_draw * 6364136223846793005u + 1442695040888963407u;
    WORD_WRITE(ledger->next_sample,
               ledger->clock + ledger_sample / 2 + (ledger->sample_draw >> 33) % ledger_sample);
}

static void set_clock(struct ledger *ledger, uint64_t clock)
{
    WORD_WRITE(ledger->clock, clock);
    WORD_WRITE(ledger->shared, clock);
}

/* Tells what was allocated since the last time, and learns what others did. */
static void share(struct ledger *ledger)
{
    if (__atomic_load_n(&ledger->alone, __ATOMIC_ACQUIRE))
        return;
    uint64_t news = ledger->clock - ledger->shared;
    set_clock(ledger, atomic_fetch_add(&common_clock, news) + news);
}

static struct ledger *make(void)
{
    size_t rows = site_tree.capacity;
    struct ledger *ledger = memory_reserve(sizeof *ledger);
    if (!ledger)
        return NULL;
    ledger->counters = memory_reserve(rows * sizeof *ledger->counters);
    ledger->written = memory_reserve(rows * sizeof *ledger->written);
    ledger->seen = memory_reserve(rows * sizeof *ledger->seen);
    ledger->typed = memory_reserve(rows * sizeof *ledger->typed);
    ledger->site_cache = memory_reserve(SITE_CACHE_SIZE * sizeof *ledger->site_cache);
    ledger->row_cache = memory_reserve(ROW_CACHE_SIZE * sizeof *ledger->row_cache);
    ledger->collecting = &nobody_collects;
    ledger->young_count = &nobody_collects;
    ledger->young_limit = INT_MAX;
    if (ledger->counters && ledger->written && ledger->seen && ledger->typed &&
        ledger->site_cache && ledger->row_cache)
        return ledger;
    memory_release(ledger->counters, rows * sizeof *ledger->counters);
    memory_release(ledger->written, rows * sizeof *ledger->written);
    memory_release(ledger->seen, rows * sizeof *ledger->seen);
    memory_release(ledger->typed, rows * sizeof *ledger->typed);
    memory_release(ledger->site_cache, SITE_CACHE_SIZE * sizeof *ledger->site_cache);
    memory_release(ledger->row_cache, ROW_CACHE_SIZE * sizeof *ledger->row_cache);
    memory_release(ledger, sizeof *ledger);
    return NULL;
}

struct ledger *ledger_acquire(void)
{
    pthread_mutex_lock(&lock);
    struct ledger *first = atomic_load(&ledgers), *ledger = first;
    while (ledger && ledger->in_use)
        ledger = ledger->next;
    if (!ledger) {
        ledger = make();
        if (ledger) {
            if (options.lives)
                ledger->unusual = lives_create(&ledger->lives);
            ledger->next = first;
            ledger->alone = !first;
            if (first && first->alone) { /* its exact clock becomes the common one */
                uint64_t clock = WORD_READ(first->clock);
                atomic_store(&common_clock, clock);
                WORD_WRITE(first->shared, clock);
                __atomic_store_n(&first->alone, false, __ATOMIC_RELEASE); /* the rest is there */
                set_stop(first);
            }
            atomic_store(&ledgers, ledger);
        }
    }
    if (ledger) {
        ledger->in_use = true;
        if (!ledger->alone)
            set_clock(ledger, atomic_load(&common_clock));
        for (struct ledger *other = first; other; other = other->next)
            if (other != ledger && WORD_READ(other->next_epoch) > WORD_READ(ledger->next_epoch))
                WORD_WRITE(ledger->next_epoch, WORD_READ(other->next_epoch));
        WORD_WRITE(ledger->polled, ledger->clock);
        set_stop(ledger);
    }
    pthread_mutex_unlock(&lock);
    return ledger;
}

void ledger_release(struct ledger *ledger)
{
    if (!ledger)
        return;
    pthread_mutex_lock(&lock);
    share(ledger); /* who gets it next starts at the common clock */
    ledger->in_use = false;
    pthread_mutex_unlock(&lock);
}

void ledger_set_next_epoch(struct ledger *ledger, uint64_t clock)
{
    WORD_WRITE(ledger->next_epoch, clock);
    set_stop(ledger);
}

void ledger_stop(struct ledger *ledger)
{
    share(ledger);
    if (ledger->clock >= WORD_READ(ledger->next_epoch)) {
        if (ledger_on_epoch)
            ledger_on_epoch(ledger);
        else
            WORD_WRITE(ledger->next_epoch, UINT64_MAX);
    }
    if (ledger->clock >= ledger->next_sample) {
        set_sample(ledger);
        ledger->sampled = ledger_sample != UINT64_MAX;
    }
    uint64_t distance = atomic_load_explicit(&poll_distance, memory_order_relaxed);
    if (distance != LEDGER_NO_POLL && ledger->clock - ledger->polled >= distance) {
        WORD_WRITE(ledger->polled, ledger->clock);
        if (ledger_on_poll)
            ledger_on_poll(ledger);
    }
    set_stop(ledger);
}

void ledger_set_shutdown(struct ledger *ledger, bool shutdown)
{
    ledger->shutdown = shutdown;
    ledger->unusual = shutdown || ledger->collector || ledger->lives.batch;
}

/*
 * While the collector runs only its own thread's deaths are its doing: a finalizer may let other
 * threads run. The first death of a run is the collecting thread's.
 */
enum death_cause ledger_unusual_cause(struct ledger *ledger)
{
    if (ledger->shutdown)
        return DEATH_SHUTDOWN;
    if (!*ledger->collecting)
        ledger->collector = NULL;
    else if (!ledger->collector)
        ledger->collector = &this_thread;
    ledger->unusual = ledger->collector || ledger->lives.batch;
    return ledger->collector && ledger->collector == &this_thread ? DEATH_COLLECTOR
                                                                  : DEATH_REFCOUNT;
}

uint32_t ledger_make_row(struct ledger *ledger, uint64_t place, uint64_t parent_shape,
                         uint32_t site, uint64_t size, bool object)
{
    site_tree_lock();
    uint32_t row = site_tree_row(site, size, object);
    if (!row && site) /* full: counted where there is room for it */
        row = site_tree_row(0, size, object);
    site_tree_unlock();
    if (!row)
        return 0;
    *ledger_row_slot(ledger, place, parent_shape) = (struct row_cache_entry){
        .place = place,
        .parent_shape = parent_shape,
        .counter = &ledger->counters[row],
        .word = live_table_word(row, size),
    };
    return row;
}

/* Zeroes private memory by giving its pages back: no page is copied for it after a fork. */
static void forget(void *start, size_t size)
{
    madvise(start, (size + 4095) & ~(size_t)4095, MADV_DONTNEED);
}

void ledger_forget_rows(void)
{
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        forget(ledger->row_cache, ROW_CACHE_SIZE * sizeof *ledger->row_cache);
}

void ledger_inherit(void)
{
    lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    struct ledger *heir = NULL;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        heir = ledger; /* the oldest: the main interpreter's */
    if (!heir)
        return;
    for (uint32_t row = 0; row <= site_tree.row_count; row++) {
        struct counter sum = {0};
        for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
            const struct counter *c = &ledger->counters[row];
            sum.births += c->births - c->deaths[0] - c->deaths[1] - c->deaths[2];
            sum.born_bytes += c->born_bytes - c->died_bytes;
            if (c->births || c->deaths[0] || c->deaths[1] || c->deaths[2]) /* spare the page */
                ledger->counters[row] = (struct counter){.types = c->types};
        }
        sum.types = heir->counters[row].types;
        if (sum.births || sum.born_bytes)
            heir->counters[row] = sum;
    }
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
        forget(ledger->written, (site_tree.row_count + 1) * sizeof *ledger->written);
        forget(ledger->seen, (site_tree.row_count + 1) * sizeof *ledger->seen);
        ledger->unknown_frees = 0;
        ledger->lives.count = 0; /* the parent's, who writes them */
        for (uint32_t i = 1; i <= ledger->typed_count; i++)
            ledger->typed[i].deaths = ledger->typed[i].written = 0;
    }
}
