/* SPDX-License-Identifier: MIT */
#include "walks.h"

#include <dlfcn.h>
#include <string.h>

#define SETS 256u /* by place */
#define WAYS 8u   /* callers at the same place */
#define SEEN 4096u

#ifdef __x86_64__
#    include <ucontext.h>

/* Of libunwind.so.8, whose header is of a package of its own: libunwind-x86_64.h has these. */
struct cursor {
    uint64_t opaque[127];
};
enum { REGISTER_SP = 7, REGISTER_IP = 16 };

static struct {
    struct walk (*sets)[WAYS];
    uint8_t next[SETS], last[SETS]; /* way to be replaced; to be looked at first */
    _Atomic uint8_t seen[SEEN];     /* how often a stack had to be walked */
    int (*get_context)(ucontext_t *);
    int (*begin)(struct cursor *, ucontext_t *);
    int (*step)(struct cursor *);
    int (*get)(struct cursor *, int, uint64_t *);
} walks;

bool walks_setup(void *unwinder)
{
    const struct {
        const char *name;
        void *slot;
    } wanted[] = {
        {"_Ux86_64_getcontext", &walks.get_context},
        {"_ULx86_64_init_local", &walks.begin},
        {"_ULx86_64_step", &walks.step},
        {"_ULx86_64_get_reg", &walks.get},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        void *symbol = dlsym(unwinder, wanted[i].name);
        if (!symbol)
            return false;
        memcpy(wanted[i].slot, &symbol, sizeof symbol);
    }
    walks.sets = native.host->reserve(SETS * sizeof *walks.sets);
    return walks.sets != NULL;
}

static uint32_t set_of(uintptr_t from)
{
    return (uint32_t)((uint64_t)from * 0x9e3779b97f4a7c15u >> 32) % SETS;
}

/* The return addresses, a few at a time: what is not the same differs among the innermost as a rule. */
static bool same(const struct walk *walk, uintptr_t from, uintptr_t high)
{
    if (walk->from != from || from + walk->offset[walk->slots - 1] + sizeof(uintptr_t) > high)
        return false;
    for (uint32_t i = 0; i < walk->slots; i += WALK_STEP) {
        uintptr_t differ = 0;
        for (uint32_t n = i; n < i + WALK_STEP; n++)
            differ |= *(const uintptr_t *)(from + walk->offset[n]) ^ walk->word[n];
        if (differ)
            return false;
    }
    return true;
}

struct walk *walks_find(uintptr_t from, uintptr_t high)
{
    uint32_t set = set_of(from);
    if (!walks.sets)
        return NULL;
    for (uint32_t i = 0, way = walks.last[set]; i < WAYS; i++, way = (way + 1) % WAYS) {
        struct walk *walk = &walks.sets[set][way];
        if (walk->from && same(walk, from, high)) {
            walks.last[set] = (uint8_t)way;
            return walk;
        }
    }
    return NULL;
}

/* A slow walk takes as long as fifty quick ones: it is made the 2nd time, the 4th, the 8th and so on. */
static bool worth_it(const uintptr_t *addresses, unsigned count)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < count; i++)
        hash = (hash ^ addresses[i]) * 0x9e3779b97f4a7c15u ^ hash >> 29;
    _Atomic uint8_t *seen = &walks.seen[(hash >> 32) % SEEN];
    uint8_t times = (uint8_t)(atomic_load_explicit(seen, memory_order_relaxed) + 1);
    atomic_store_explicit(seen, times, memory_order_relaxed);
    return times != 1 && (times & (times - 1)) == 0;
}

bool walks_follow(uintptr_t from, const uintptr_t *addresses, unsigned count, struct walk *walk)
{
    ucontext_t context;
    struct cursor cursor;
    uint64_t address, stack;
    unsigned first = 0, slots = 0;
    if (!walks.sets || !count || !worth_it(addresses, count) || walks.get_context(&context) != 0 ||
        walks.begin(&cursor, &context) != 0)
        return false;
    while (slots - first < count && walks.step(&cursor) > 0) {
        if (walks.get(&cursor, REGISTER_IP, &address) != 0 ||
            walks.get(&cursor, REGISTER_SP, &stack) != 0)
            return false;
        uintptr_t slot = stack - sizeof(uintptr_t), word;
        if (slot < from) /* further in than the place it is to begin at */
            continue;
        memcpy(&word, (const void *)slot, sizeof word);
        if (word != address || slots == WALK_SLOTS || slot - from > UINT32_MAX)
            return false; /* a signal's frame, or what else is no call */
        bool listed = address - 1 == addresses[slots - first];
        if (!listed && slots != first)
            return false;
        first += !listed; /* of this library, as long as none is listed */
        walk->offset[slots] = (uint32_t)(slot - from);
        walk->word[slots++] = word;
    }
    for (unsigned n = slots; n && n % WALK_STEP; n++) {
        walk->offset[n] = walk->offset[slots - 1];
        walk->word[n] = walk->word[slots - 1];
    }
    walk->from = from;
    walk->slots = (uint16_t)slots;
    walk->count = (uint16_t)count;
    walk->site = walk->stack = 0;
    return slots - first == count;
}

void walks_keep(const struct walk *walk)
{
    uint32_t set = set_of(walk->from), way = walks.next[set]++ % WAYS;
    walks.sets[set][way] = *walk;
    walks.last[set] = (uint8_t)way;
}

#else

bool walks_setup(void *unwinder)
{
    (void)unwinder;
    return false;
}

struct walk *walks_find(uintptr_t from, uintptr_t high)
{
    (void)from;
    (void)high;
    return NULL;
}

bool walks_follow(uintptr_t from, const uintptr_t *addresses, unsigned count, struct walk *walk)
{
    (void)from;
    (void)addresses;
    (void)count;
    (void)walk;
    return false;
}

void walks_keep(const struct walk *walk)
{
    (void)walk;
}

#endif
