/* SPDX-License-Identifier: MIT */
#include "fake_runtime.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger.h"
#include "libc.h"
#include "occasion.h"
#include "options.h"
#include "recorder.h"
#include "request.h"
#include "resident.h"
#include "rlimit.h"
#include "runtime.h"
#include "seccomp.h"
#include "shapes.h"
#include "shim.h"
#include "site_tree.h"
#include "snapshot.h"
#include "thread.h"
#include "type_table.h"
#include "value_samples.h"

#define BLOCK_BYTES 4096u /* of address space each, so that every size fits */
#define FUNCTIONS 12u
#define LINES 8u
#define TYPES 12u
#define CAPACITY (1u << 16) /* of the site tree */

static struct {
    bool global_lock;
    pthread_mutex_t lock; /* of the runtime */
    _Atomic uint64_t entered;
    _Atomic unsigned inside;
    unsigned char *heap;
    pthread_mutex_t exchange; /* of what follows */
    uint32_t idle[FAKE_BLOCKS];
    uint32_t idle_count;
    uint32_t given[256]; /* blocks that wait for another thread */
    uint32_t given_count;
    uint32_t sizes[FAKE_BLOCKS];
    void (*_Atomic later)(void);
    uint32_t functions[FUNCTIONS];
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER, .exchange = PTHREAD_MUTEX_INITIALIZER};

/*
 * What of the shim is not here: nothing is interposed, for the sanitizer does so, too; no signal asks; and
 * memory is not accounted for, of which the sanitizer has terabytes.
 */
bool rlimit_widened;
_Atomic unsigned seccomp_forbids;
void libc_resolve(void) {}
void request_setup(void) {}
void resident_setup(void) {}
void resident_forget(void) {}
void rlimit_make_room(size_t size)
{
    (void)size;
}
void resident_measure(bool allocator, bool bounded)
{
    (void)allocator;
    (void)bounded;
}
void resident_write(struct snapshot *snapshot)
{
    (void)snapshot;
}

uint32_t fake_draw(struct fake_thread *thread, uint32_t limit)
{
    thread->random ^= thread->random << 13;
    thread->random ^= thread->random >> 7;
    thread->random ^= thread->random << 17;
    return (uint32_t)((thread->random >> 32) * limit >> 32);
}

static uintptr_t address_of(uint32_t block)
{
    return (uintptr_t)fake.heap + (uintptr_t)block * BLOCK_BYTES;
}

/* The runtime as the core sees it. */

static bool attach(void)
{
    fake.heap = mmap(NULL, (size_t)FAKE_BLOCKS * BLOCK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fake.heap == MAP_FAILED || !live_table_create() || !type_table_create() ||
        !site_tree_create(CAPACITY) || !ledger_acquire())
        exit(99);
    for (uint32_t i = 0; i < FAKE_BLOCKS; i++)
        fake.idle[fake.idle_count++] = i;
    return true;
}

static void refresh(void) {}

static bool at_safe_point(const char **why)
{
    *why = NULL;
    return this_thread.runtime_thread != 0;
}

static bool idle(uint64_t *stamp)
{
    *stamp = atomic_load(&fake.entered);
    return fake.global_lock ? !atomic_load(&fake.inside) : !this_thread.runtime_thread;
}

static bool call_later(void (*function)(void))
{
    atomic_store(&fake.later, function);
    return true;
}

static void wake(void) {}

/* In the copy: every block that is followed is an object, which refers to the one before it. */
static void photograph(struct snapshot *snapshot)
{
    struct payload fields;
    if (!payload_create(&fields, 4096))
        snapshot_end(snapshot, OURO_SNAPSHOT_MEMORY_BOUND, "the copy has no memory");
    snapshot_begin(snapshot, &fields);
    uint32_t type = snapshot_type(snapshot, 16, "fake", 0, 64, 0);
    struct live_walk walk;
    struct live_block block;
    uintptr_t address;
    live_walk_begin(&walk);
    while (live_walk_next(&walk, &address, &block)) {
        uint32_t index = snapshot_index(snapshot, address);
        struct snapshot_object object = {
            .address = address,
            .type = type,
            .size = site_tree_block_size(&block),
            .refcount = 1,
            .row = block.row,
            .birth = block.birth,
        };
        struct snapshot_edge edge = {.target = index ? index - 1 : 0};
        snapshot_object(snapshot, &object, &edge, index ? 1 : 0);
    }
    live_walk_end(&walk);
    snapshot_end(snapshot, OURO_SNAPSHOT_COMPLETE, NULL);
}

static void claim_memory(void) {}

static uint32_t site(void)
{
    return 0;
}

static void forked(void)
{
    this_thread.self = (uintptr_t)pthread_self();
    atomic_store(&fake.later, NULL);
}

const struct runtime cpython_runtime = {
    .name = "fake",
    .attach = attach,
    .refresh = refresh,
    .at_safe_point = at_safe_point,
    .idle = idle,
    .call_later = call_later,
    .wake = wake,
    .photograph = photograph,
    .claim_memory = claim_memory,
    .site = site,
    .forked = forked,
};

/* What an adapter does at births and deaths. */

static struct ledger *oldest(void)
{
    struct ledger *ledger = atomic_load(&ledgers);
    while (ledger && ledger->next)
        ledger = ledger->next;
    return ledger;
}

static void thread_gone(struct thread *thread)
{
    if (!fake.global_lock)
        ledger_release(thread->ledger);
}

/* The site of a function's line, called from the site of another. */
static uint32_t site_at(struct ledger *ledger, uint64_t place, uint32_t parent)
{
    struct site_cache_entry *entry = ledger_site_slot(ledger, place, parent);
    if (entry->place == place && entry->parent == parent && entry->generation == 1)
        return entry->site;
    uint32_t function = fake.functions[place / LINES % FUNCTIONS];
    uint32_t line = (uint32_t)(place % LINES);
    site_tree_lock();
    uint32_t found = site_tree_find(parent, function, line);
    if (!found)
        found = site_tree_add(parent, function, line, line + 1, 0);
    if (line == 5 && found)
        site_tree_fold(found);
    site_tree_unlock();
    *entry =
        (struct site_cache_entry){.place = place, .parent = parent, .generation = 1, .site = found};
    return found;
}

static void after_birth(struct ledger *ledger)
{
    if (ledger_tick(ledger, 0))
        ledger_stop(ledger);
    ledger->sampled = false;
    if (occasion_here)
        occasion_take();
}

static void born(struct fake_thread *thread, uint32_t block, uint64_t size)
{
    struct ledger *ledger = this_thread.ledger;
    uint64_t caller = 1 + fake_draw(thread, FUNCTIONS);
    uint64_t place = 1 + fake_draw(thread, FUNCTIONS * LINES - 1);
    uint32_t parent = site_at(ledger, caller, 0);
    uint64_t shape = ledger_parent_shape(ledger_parent(parent, 1), size, true);
    const struct row_cache_entry *entry = ledger_find_row(ledger, place, shape);
    uint32_t row =
        entry ? entry->word & LIVE_ROW_MASK
              : ledger_make_row(ledger, place, shape, site_at(ledger, place, parent), size, true);
    ledger_birth(ledger, address_of(block), size, row, 1);
    ledger_tick(ledger, size);
    after_birth(ledger);
    thread->births += row != 0;
    thread->bytes += size;
}

/* Of two ways: the type that died here last, or one that has to be looked up. */
static void died(struct fake_thread *thread, uint32_t block)
{
    struct ledger *ledger = this_thread.ledger;
    struct live_block life;
    if (!live_table_take(address_of(block), &life)) {
        WORD_ADD(ledger->unknown_frees, 1);
        return;
    }
    struct counter *counter = &ledger->counters[life.row];
    uint32_t type = fake_draw(thread, 8) ? 1 + life.row % TYPES : 1 + fake_draw(thread, TYPES);
    thread->deaths++;
    if (type == counter->last_type && !ledger->unusual && !(life.flags & LIVE_SIZED)) {
        WORD_ADD(counter->deaths[DEATH_REFCOUNT], 1);
        if (life.flags & LIVE_BORN)
            ledger_lifetime(counter, ledger->clock, life.birth);
        return;
    }
    enum death_cause cause = ledger_death(ledger, &life, site_tree_block_size(&life), 1);
    uint32_t entry = typed_deaths_entry(ledger, life.row, type);
    if (entry) {
        WORD_ADD(ledger->typed[entry].deaths, 1);
        if (type != counter->last_type)
            typed_deaths_turn(ledger, life.row, type);
    }
    if (ledger->lives.batch)
        ledger_life(ledger, &life, cause, type);
}

bool fake_start(bool global_lock)
{
    const struct recorder_process process = {.runtime = "fake", .version = "1", .build = ""};
    char name[32];
    if (!shim_runtime())
        return false;
    fake.global_lock = global_lock;
    thread_setup();
    thread_ended = thread_gone;
    site_tree_lock();
    uint32_t file = site_tree_string("fake.c", 6);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        int length = snprintf(name, sizeof name, "function%u", i);
        fake.functions[i] = site_tree_function(file, site_tree_string(name, (size_t)length), i, i);
    }
    for (uint32_t i = 0; i < TYPES; i++) {
        int length = snprintf(name, sizeof name, "Type%u", i);
        type_table_add(name, (uint32_t)length);
    }
    site_tree_unlock();
    shim_runtime_ready();
    if (!recorder_start(&process))
        return false;
    occasion_begin();
    return true;
}

void fake_enter(struct fake_thread *thread)
{
    if (fake.global_lock)
        pthread_mutex_lock(&fake.lock);
    atomic_fetch_add(&fake.inside, 1);
    atomic_fetch_add(&fake.entered, 1);
    if (!this_thread.registered)
        thread_register(&this_thread);
    this_thread.runtime_thread = (uintptr_t)thread;
    if (!this_thread.ledger)
        this_thread.ledger = fake.global_lock ? oldest() : ledger_acquire();
}

void fake_leave(struct fake_thread *thread)
{
    (void)thread;
    this_thread.runtime_thread = 0;
    atomic_fetch_sub(&fake.inside, 1);
    if (fake.global_lock)
        pthread_mutex_unlock(&fake.lock);
}

static void die(struct fake_thread *thread)
{
    uint32_t at = fake_draw(thread, thread->count), block = thread->blocks[at];
    thread->blocks[at] = thread->blocks[--thread->count];
    died(thread, block);
    pthread_mutex_lock(&fake.exchange);
    fake.idle[fake.idle_count++] = block;
    pthread_mutex_unlock(&fake.exchange);
}

static void make(struct fake_thread *thread)
{
    static const uint64_t sizes[] = {16, 32, 48, 64, 64, 64, 128, 512, 2000};
    pthread_mutex_lock(&fake.exchange);
    bool some = fake.idle_count > 0;
    uint32_t block = some ? fake.idle[--fake.idle_count] : 0;
    pthread_mutex_unlock(&fake.exchange);
    if (!some)
        return;
    born(thread, block, sizes[fake_draw(thread, sizeof sizes / sizeof *sizes)]);
    thread->blocks[thread->count++] = block;
}

/* A block for another thread, or one of another's. */
static void exchange(struct fake_thread *thread)
{
    pthread_mutex_lock(&fake.exchange);
    if (fake_draw(thread, 2)) {
        if (thread->count && fake.given_count < sizeof fake.given / sizeof *fake.given)
            fake.given[fake.given_count++] = thread->blocks[--thread->count];
    } else if (fake.given_count && thread->count < sizeof thread->blocks / sizeof *thread->blocks) {
        thread->blocks[thread->count++] = fake.given[--fake.given_count];
    }
    pthread_mutex_unlock(&fake.exchange);
}

static void rarely(struct fake_thread *thread)
{
    switch (fake_draw(thread, 8)) {
    case 0:
        recorder_mark("a mark", true);
        break;
    case 1:
        recorder_collection(&(struct recorder_collection){
            .generation = 1, .start = recorder_time(), .clock = recorder_clock()});
        break;
    case 2:
        recorder_epoch();
        break;
    case 3:
        value_samples_add(&(struct value_sample){
            .row = 1 + fake_draw(thread, 20), .size = 64, .hash = {1 + fake_draw(thread, 9), 1}});
        break;
    default:
        if (fake.global_lock) { /* others get a turn */
            fake_leave(thread);
            fake_enter(thread);
        }
    }
}

void fake_step(struct fake_thread *thread)
{
    uint32_t what = fake_draw(thread, 1024);
    void (*later)(void) = atomic_exchange(&fake.later, NULL);
    if (later)
        later();
    if (what == 0)
        rarely(thread);
    else if (what < 64)
        exchange(thread);
    else if (thread->count < sizeof thread->blocks / sizeof *thread->blocks &&
             (!thread->count || what < 560))
        make(thread);
    else
        die(thread);
}

void fake_clear(struct fake_thread *thread)
{
    while (thread->count)
        die(thread);
}

int fake_fork(struct fake_thread *thread)
{
    pthread_mutex_lock(&fake.exchange); /* whole in the child, then */
    int pid = fork();
    pthread_mutex_unlock(&fake.exchange);
    if (pid == 0)
        thread->births = thread->deaths = 0;
    return pid;
}

uint64_t fake_followed(void)
{
    struct live_walk walk;
    struct live_block block;
    uintptr_t address;
    uint64_t count = 0;
    live_walk_begin(&walk);
    while (live_walk_next(&walk, &address, &block))
        count++;
    live_walk_end(&walk);
    return count;
}
