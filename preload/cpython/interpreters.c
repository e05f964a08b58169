/* SPDX-License-Identifier: MIT */
#include "interpreters.h"

#include <pthread.h>
#include <stdatomic.h>

#include "../ledger.h"
#include "../thread.h"
#include "api.h"
#include "gc_watch.h"
#include "layout.h"

#define INTERPRETERS GC_WATCHED

struct entry {
    uintptr_t interpreter;
    struct ledger *ledger;
    unsigned threads; /* that are in it */
    uint64_t left;    /* when the last one left, by counting */
};

static struct {
    pthread_mutex_t lock;
    struct entry entries[INTERPRETERS];
    unsigned count;
    uint64_t leavings;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A signal handler must not want the lock that its own thread holds. */
static void take(void)
{
    this_thread.inside++;
    pthread_mutex_lock(&table.lock);
}

static void give(void)
{
    pthread_mutex_unlock(&table.lock);
    this_thread.inside--;
}

struct ledger *interpreters_oldest(void)
{
    struct ledger *ledger = atomic_load(&ledgers);
    while (ledger && ledger->next)
        ledger = ledger->next;
    return ledger;
}

/* A new entry, or that of an interpreter nobody is in. NULL: all of them are at work. */
static struct entry *make_entry(void)
{
    struct entry *entry = NULL;
    if (table.count < INTERPRETERS) {
        entry = &table.entries[table.count];
        /* The first is the main one, which every early block went to. */
        entry->ledger = table.count ? ledger_acquire() : interpreters_oldest();
        if (!entry->ledger)
            return NULL;
        table.count++;
        return entry;
    }
    for (unsigned i = 1; i < table.count; i++)
        if (!table.entries[i].threads && (!entry || table.entries[i].left < entry->left))
            entry = &table.entries[i];
    return entry;
}

static struct entry *find(uintptr_t interpreter)
{
    for (unsigned i = 0; i < table.count; i++)
        if (table.entries[i].interpreter == interpreter)
            return &table.entries[i];
    struct entry *entry = make_entry();
    if (!entry)
        return NULL;
    uintptr_t state = layout.minor == 8 ? (uintptr_t)api.runtime : interpreter;
    entry->interpreter = interpreter;
    entry->ledger->collecting = (const volatile int *)(state + layout.gc + layout.gc_collecting);
    gc_watch_start(entry->ledger, interpreter, (unsigned)(entry - table.entries));
    return entry;
}

struct ledger *interpreters_enter(uintptr_t interpreter)
{
    take();
    struct entry *entry = find(interpreter);
    struct ledger *ledger = entry ? entry->ledger : interpreters_oldest();
    if (entry)
        entry->threads++;
    give();
    return ledger;
}

static struct entry *entry_of(const struct ledger *ledger)
{
    for (unsigned i = 0; ledger && i < table.count; i++)
        if (table.entries[i].ledger == ledger)
            return &table.entries[i];
    return NULL;
}

void interpreters_leave(const struct ledger *ledger)
{
    take();
    struct entry *entry = entry_of(ledger);
    if (entry && entry->threads) {
        entry->threads--;
        entry->left = ++table.leavings;
    }
    give();
}

void interpreters_forked(const struct ledger *ledger)
{
    table.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    for (unsigned i = 0; i < table.count; i++)
        table.entries[i].threads = 0;
    struct entry *entry = entry_of(ledger);
    if (entry)
        entry->threads = 1;
}
