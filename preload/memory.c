/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "rlimit.h"
#include "seccomp.h"
#include "small_file.h"

static _Atomic uint64_t reserved;

#define RANGES 4096u
static struct range {
    _Atomic uintptr_t start; /* 0: free */
    _Atomic size_t size;     /* 0: not yet there */
} ranges[RANGES];
static _Atomic uint32_t range_count; /* ever used */

/* A free place is looked for from the front only when the table was full once. */
static void note(uintptr_t start, size_t size)
{
    uint32_t at = atomic_fetch_add_explicit(&range_count, 1, memory_order_relaxed);
    if (at >= RANGES) {
        atomic_store_explicit(&range_count, RANGES, memory_order_relaxed);
        for (at = 0; at < RANGES; at++) {
            uintptr_t none = 0;
            if (atomic_compare_exchange_strong(&ranges[at].start, &none, start))
                break;
        }
    }
    if (at >= RANGES)
        return;
    atomic_store_explicit(&ranges[at].start, start, memory_order_relaxed);
    atomic_store_explicit(&ranges[at].size, size, memory_order_release);
}

static void forget(uintptr_t start)
{
    for (uint32_t i = 0; i < memory_range_count(); i++)
        if (atomic_load_explicit(&ranges[i].start, memory_order_relaxed) == start) {
            atomic_store_explicit(&ranges[i].size, 0, memory_order_relaxed);
            atomic_store_explicit(&ranges[i].start, 0, memory_order_release);
            return;
        }
}

uint32_t memory_range_count(void)
{
    uint32_t count = atomic_load_explicit(&range_count, memory_order_relaxed);
    return count < RANGES ? count : RANGES;
}

bool memory_range(uint32_t number, uintptr_t *start, size_t *size)
{
    *size = atomic_load_explicit(&ranges[number].size, memory_order_acquire);
    *start = atomic_load_explicit(&ranges[number].start, memory_order_relaxed);
    return *start && *size;
}

void *memory_reserve(size_t size)
{
    if (seccomp_forbidden(SECCOMP_RESERVING))
        return NULL;
    if (__builtin_expect(rlimit_widened, 0))
        rlimit_make_room(size);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    atomic_fetch_add_explicit(&reserved, size, memory_order_relaxed);
    note((uintptr_t)p, size);
    return p;
}

void memory_release(void *start, size_t size)
{
    if (!start)
        return;
    forget((uintptr_t)start);
    munmap(start, size);
    atomic_fetch_sub_explicit(&reserved, size, memory_order_relaxed);
}

/* What counts towards a limit now: the first number of /proc/self/statm for RLIMIT_AS, the sixth for
 * RLIMIT_DATA; in pages. */
static uint64_t used_of(unsigned field)
{
    char text[128], *at = text;
    uint64_t pages = 0;
    small_file_read("/proc/self/statm", text, sizeof text);
    for (unsigned i = 0; i <= field; i++)
        pages = strtoull(at, &at, 10);
    return pages * 4096;
}

/* A number of /proc/meminfo, which are in kB. */
static uint64_t of_machine(const char *text, const char *key)
{
    const char *line = strstr(text, key);
    return line ? strtoull(line + strlen(key), NULL, 10) * 1024 : 0;
}

/*
 * Where the kernel promises no more than it has (vm.overcommit_memory=2), what is reserved counts as if it
 * were used, MAP_NORESERVE or not, and once more in each forked child: a small share of what is left.
 */
#define SHARE_OF_PROMISES 64u

static uint64_t promised_budget(void)
{
    static int strict = -1; /* learned at the start, before a program may change its root */
    char text[4096];
    if (strict < 0) {
        small_file_read("/proc/sys/vm/overcommit_memory", text, sizeof text);
        strict = text[0] == '2';
    }
    if (!strict)
        return UINT64_MAX;
    small_file_read("/proc/meminfo", text, sizeof text);
    uint64_t limit = of_machine(text, "CommitLimit:"), used = of_machine(text, "Committed_AS:");
    return used < limit ? (limit - used) / SHARE_OF_PROMISES : 0;
}

uint64_t memory_budget(void)
{
    static const struct {
        int resource;
        unsigned field;
    } limits[] = {{RLIMIT_AS, 0}, {RLIMIT_DATA, 5}};
    uint64_t budget = promised_budget();
    for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        if (getrlimit((__rlimit_resource_t)limits[i].resource, &limit) != 0 ||
            limit.rlim_cur == RLIM_INFINITY)
            continue;
        uint64_t used = used_of(limits[i].field);
        uint64_t left = used < limit.rlim_cur ? (limit.rlim_cur - used) / 8 : 0;
        budget = left < budget ? left : budget;
    }
    return budget;
}

uint64_t memory_reserved(void)
{
    return atomic_load_explicit(&reserved, memory_order_relaxed);
}

#define BUMP_BLOCK (4u << 20)

void *bump_alloc(struct bump *bump, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if ((size_t)(bump->end - bump->next) < size) {
        size_t block = size > BUMP_BLOCK / 4 ? (size + 4095) & ~(size_t)4095 : BUMP_BLOCK;
        if (block < size || (bump->limit && bump->total + block > bump->limit))
            return NULL;
        unsigned char *p = memory_reserve(block);
        if (!p)
            return NULL;
        bump->total += block;
        if (block != BUMP_BLOCK)
            return p; /* large requests have a mapping of their own; the current block goes on */
        bump->next = p;
        bump->end = p + block;
    }
    void *result = bump->next;
    bump->next += size;
    return result;
}
