/* SPDX-License-Identifier: MIT */
#include "recycled.h"

#include <pthread.h>
#include <string.h>

#include "api.h"
#include "objects.h"

#define LIMIT 64u /* types at most; the table stays sparse enough to be perfect */
#define ATTEMPTS 4096u

/* Two tables: readers have the one, the other is made anew. */
static struct recycled_types tables[2];
_Atomic(const struct recycled_types *) recycled_types = &tables[0];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t known[LIMIT];
static unsigned count;

static bool fill(struct recycled_types *table, uint64_t multiplier)
{
    memset(table->slots, 0, sizeof table->slots);
    table->multiplier = multiplier;
    for (unsigned i = 0; i < count; i++) {
        struct recycled_type *slot = &table->slots[known[i] * multiplier >> (64 - RECYCLED_BITS)];
        if (slot->type)
            return false;
        *slot = (struct recycled_type){known[i], type_head(known[i])};
    }
    return true;
}

static void publish(void)
{
    const struct recycled_types *now = atomic_load(&recycled_types);
    struct recycled_types *next = now == &tables[0] ? &tables[1] : &tables[0];
    uint64_t multiplier = 0x9e3779b97f4a7c15u;
    for (unsigned i = 0; i < ATTEMPTS; i++, multiplier += 0x5851f42d4c957f2eu) {
        if (!fill(next, multiplier))
            continue;
        atomic_store(&recycled_types, next);
        return;
    }
    count--; /* no place for the newest: it stays unknown */
}

void recycled_add(uintptr_t type)
{
    /* Nearly every type is known already. A lock that is held, by a thread that a fork left behind
     * perhaps, is not waited for: the type shows itself again. */
    if (recycled(type) || pthread_mutex_trylock(&lock) != 0)
        return;
    if (count < LIMIT && !recycled(type)) {
        known[count++] = type;
        publish();
    }
    pthread_mutex_unlock(&lock);
}

void recycled_setup(int minor, bool numbers)
{
    static const struct {
        const char *name;
        int minor; /* from this version on */
        bool number;
    } names[] = {
        {"PyTuple_Type", 0, false},          {"PyList_Type", 0, false},
        {"PyDict_Type", 0, false},           {"PyFloat_Type", 0, true},
        {"PySlice_Type", 0, false},          {"PyContext_Type", 0, false},
        {"_PyAsyncGenASend_Type", 0, false}, {"_PyAsyncGenWrappedValue_Type", 0, false},
        {"PyLong_Type", 14, true},           {"PyListIter_Type", 14, false},
        {"PyTupleIter_Type", 14, false},     {"PyRange_Type", 14, false},
        {"PyRangeIter_Type", 14, false},     {"PyCFunction_Type", 14, false},
        {"PyCMethod_Type", 14, false},       {"PyMethod_Type", 14, false},
        {"PyComplex_Type", 15, false},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (minor < names[i].minor || (names[i].number && !numbers))
            continue;
        uintptr_t type = (uintptr_t)api_symbol(names[i].name);
        if (type)
            recycled_add(type);
    }
}
