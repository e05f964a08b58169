/* SPDX-License-Identifier: MIT */
/*
 * malloc and its kin. A call passes through to the next allocator of the process (glibc's, or jemalloc
 * where the program is linked with it); what comes on top is a countdown of bytes for births and a look
 * into a table of bytes for deaths. Blocks are never changed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../poisson.h"
#include "native_state.h"
#include "ouro/trace.h"

#define EXPORTED __attribute__((visibility("default")))
#define IDLE ((int64_t)1 << 20) /* bytes until a thread looks again whether recording has begun */

struct native_state native;

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    void *(*reallocarray)(void *, size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    size_t (*malloc_usable_size)(void *);
    void (*free_sized)(void *, size_t);
    void (*free_aligned_sized)(void *, size_t, size_t);
} real;

__thread struct native_thread native_thread;

/* dlsym() may allocate before anything is known of the allocator. */
static _Alignas(16) unsigned char pool[64u << 10];
static _Atomic size_t pool_used;
static _Atomic int resolved; /* 1: at it, 2: done */

static bool in_pool(const void *block)
{
    return (const unsigned char *)block >= pool &&
           (const unsigned char *)block < pool + sizeof pool;
}

static void *pool_take(size_t size)
{
    size_t whole = ((size + 15) & ~(size_t)15) + 16;
    size_t at = atomic_fetch_add(&pool_used, whole);
    if (size > sizeof pool || at + whole > sizeof pool)
        return NULL;
    memcpy(pool + at, &size, sizeof size);
    return pool + at + 16;
}

static size_t pool_size(const void *block)
{
    size_t size;
    memcpy(&size, (const unsigned char *)block - 16, sizeof size);
    return size;
}

static void resolve(void)
{
    const struct {
        const char *name;
        void *slot;
    } wanted[] = {
#define WANTED(name) {#name, &real.name}
        WANTED(malloc),
        WANTED(calloc),
        WANTED(realloc),
        WANTED(free),
        WANTED(reallocarray),
        WANTED(posix_memalign),
        WANTED(aligned_alloc),
        WANTED(memalign),
        WANTED(valloc),
        WANTED(pvalloc),
        WANTED(malloc_usable_size),
        WANTED(free_sized),
        WANTED(free_aligned_sized),
#undef WANTED
    };
    int none = 0;
    if (!atomic_compare_exchange_strong(&resolved, &none, 1))
        return;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        void *symbol = dlsym(RTLD_NEXT, wanted[i].name);
        memcpy(wanted[i].slot, &symbol, sizeof symbol);
    }
    atomic_store(&resolved, 2);
}

static bool ready(void)
{
    if (__builtin_expect(atomic_load_explicit(&resolved, memory_order_acquire) == 2, 1))
        return true;
    resolve();
    return atomic_load(&resolved) == 2;
}

/* With a seed given, threads get theirs in the order in which they draw first. */
static _Atomic uint64_t threads;

/* Exponential with the mean asked for, and without memory: what is left after a sample is drawn anew. */
static int64_t draw(void)
{
    if (native.wishes.mean <= 1)
        return 0;
    if (!native_thread.random)
        native_thread.random =
            (native.wishes.seed ? native.wishes.seed + atomic_fetch_add(&threads, 1)
                                : (uint64_t)getpid() + (uintptr_t)&native_thread) *
            0x9e3779b97f4a7c15u;
    uint64_t x = native_thread.random += 0x9e3779b97f4a7c15u; /* splitmix64 */
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    double uniform = ((double)(x >> 11) + 0.5) * 0x1p-53;
    double distance = poisson_minus_log(uniform) * (double)native.wishes.mean;
    return distance < 1 ? 1 : distance > 1e15 ? (int64_t)1e15 : (int64_t)distance;
}

static uint64_t weight_of(uint64_t size)
{
    if (native.wishes.mean <= 1)
        return OURO_SAMPLE_UNIT;
    double p = poisson_probability((double)size / (double)native.wishes.mean);
    return p <= 0 ? 0 : (uint64_t)(OURO_SAMPLE_UNIT / p + 0.5);
}

/* As epochs of objects: the longer the run, the further apart. */
static void set_next_epoch(void)
{
    uint64_t step = native.clock / 64;
    native.next_epoch = native.clock + (step > native.wishes.epoch ? step : native.wishes.epoch);
}

void native_allocated(uint64_t bytes)
{
    native.clock += bytes;
    if (native.clock < native.next_epoch)
        return;
    set_next_epoch();
    native.host->epoch_due();
}

static void count_death(uint64_t size, uint32_t stack)
{
    struct native_counts *counts = stacks_counts(stack);
    uint64_t weight = weight_of(size);
    counts->deaths += weight;
    counts->dead_bytes += weight * size;
}

static __attribute__((noinline)) void sampled(void *block, size_t size)
{
    uint64_t old_size;
    uint32_t old_stack;
    int saved = errno;
    native_thread.inside++;
    if (!atomic_load(&native.active)) {
        native_thread.until = IDLE;
        goto out;
    }
    native_thread.until = draw();
    uint32_t stack =
        stacks_here((uintptr_t)__builtin_dwarf_cfa() - sizeof(uintptr_t), OURO_NATIVE_MALLOC);
    if (stack) {
        if (blocks_put((uintptr_t)block, size, stack, &old_size, &old_stack))
            count_death(old_size, old_stack);
        uint64_t weight = weight_of(size);
        struct native_counts *counts = stacks_counts(stack);
        counts->births += weight;
        counts->bytes += weight * size;
        native_allocated(weight * size / OURO_SAMPLE_UNIT);
    }
    lock_give(&native.lock);
out:
    native_thread.inside--;
    errno = saved;
}

/* Before the block is really freed: another thread may be given the address. */
static __attribute__((noinline)) bool gone(void *block, uint64_t *size, uint32_t *stack)
{
    if (native_thread.inside || !blocks_known((uintptr_t)block) || !atomic_load(&native.active))
        return false;
    native_thread.inside++;
    lock_take(&native.lock);
    bool known = blocks_take((uintptr_t)block, size, stack);
    if (known)
        count_death(*size, *stack);
    lock_give(&native.lock);
    native_thread.inside--;
    return known;
}

/* It was not, after all: realloc() failed. */
static void back(void *block, uint64_t size, uint32_t stack)
{
    uint64_t old_size;
    uint32_t old_stack;
    int saved = errno;
    native_thread.inside++;
    lock_take(&native.lock);
    uint64_t weight = weight_of(size);
    struct native_counts *counts = stacks_counts(stack);
    counts->deaths -= weight;
    counts->dead_bytes -= weight * size;
    blocks_put((uintptr_t)block, size, stack, &old_size, &old_stack);
    lock_give(&native.lock);
    native_thread.inside--;
    errno = saved;
}

static inline void *born(void *block, size_t size)
{
    if (__builtin_expect((native_thread.until -= (int64_t)(size + !size)) <= 0, 0) && block &&
        !native_thread.inside)
        sampled(block, size + !size);
    return block;
}

static inline void dies(void *block)
{
    uint64_t size;
    uint32_t stack;
    if (blocks_maybe((uintptr_t)block))
        gone(block, &size, &stack);
}

EXPORTED void *malloc(size_t size)
{
    if (!ready())
        return pool_take(size);
    return born(real.malloc(size), size);
}

EXPORTED void *calloc(size_t count, size_t size)
{
    if (!ready()) /* it has not been used before, and is zero */
        return size && count > sizeof pool / size ? NULL : pool_take(count * size);
    return born(real.calloc(count, size), count * size);
}

EXPORTED void free(void *block)
{
    if (!block || in_pool(block) || !ready())
        return;
    dies(block);
    real.free(block);
}

static void *resize(void *block, size_t size)
{
    uint64_t old_size;
    uint32_t old_stack;
    if (!ready() || in_pool(block)) {
        void *moved = malloc(size + !size);
        size_t old = block ? pool_size(block) : 0;
        if (moved && old)
            memcpy(moved, block, old < size ? old : size);
        return moved;
    }
    bool known = block && blocks_maybe((uintptr_t)block) && gone(block, &old_size, &old_stack);
    void *moved = real.realloc(block, size);
    if (!moved) { /* realloc(p, 0) frees, of which there is nothing to take back */
        if (known && size)
            back(block, old_size, old_stack);
        return NULL;
    }
    return born(moved, size);
}

EXPORTED void *realloc(void *block, size_t size)
{
    return resize(block, size);
}

EXPORTED void *reallocarray(void *block, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(block, count * size);
}

EXPORTED int posix_memalign(void **block, size_t alignment, size_t size)
{
    if (!ready())
        return ENOMEM;
    int status = real.posix_memalign(block, alignment, size);
    if (status == 0)
        born(*block, size);
    return status;
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    return ready() ? born(real.aligned_alloc(alignment, size), size) : NULL;
}

EXPORTED void *memalign(size_t alignment, size_t size)
{
    return ready() ? born(real.memalign(alignment, size), size) : NULL;
}

EXPORTED void *valloc(size_t size)
{
    return ready() ? born(real.valloc(size), size) : NULL;
}

EXPORTED void *pvalloc(size_t size)
{
    return ready() ? born(real.pvalloc(size), size) : NULL;
}

EXPORTED size_t malloc_usable_size(void *block)
{
    if (!block || in_pool(block))
        return block ? pool_size(block) : 0;
    return ready() ? real.malloc_usable_size(block) : 0;
}

/* C23; a C library that has none gets what they may be by the standard. */
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);

EXPORTED void free_sized(void *block, size_t size)
{
    if (!block || in_pool(block) || !ready())
        return;
    dies(block);
    if (real.free_sized)
        real.free_sized(block, size);
    else
        real.free(block);
}

EXPORTED void free_aligned_sized(void *block, size_t alignment, size_t size)
{
    if (!block || in_pool(block) || !ready())
        return;
    dies(block);
    if (real.free_aligned_sized)
        real.free_aligned_sized(block, alignment, size);
    else
        real.free(block);
}

static void start(void)
{
    uintptr_t host, allocator;
    memcpy(&host, &native.host->site, sizeof host);
    memcpy(&allocator, &real.malloc, sizeof allocator);
    mapping_hooks_pass(host, allocator);
    atomic_store(&native.active, true);
}

static void begin(const struct native_wishes *wishes)
{
    native_thread.inside++;
    native.wishes = *wishes;
    set_next_epoch();
    if (!blocks_setup() || !mappings_setup())
        native.host->message("--native: not enough address space; native memory is not recorded");
    else if (!stacks_setup())
        native.host->message("--native: libunwind.so.8 cannot be loaded (Debian: apt install "
                             "libunwind8); native memory is not recorded");
    else
        start();
    native_thread.until = draw();
    native_thread.inside--;
}

static void stop(void)
{
    atomic_store(&native.active, false);
}

static void fork_prepare(void)
{
    native_thread.inside++;
    mapping_hooks_fork_prepare();
    lock_take(&native.lock);
}

static void fork_parent(void)
{
    lock_give(&native.lock);
    mapping_hooks_fork_parent();
    native_thread.inside--;
}

static void fork_child(void)
{
    native.lock = (struct lock){0};
    mapping_hooks_fork_child();
    stacks_fork_child();
    modules_fork_child();
    native_thread.inside--;
}

static __attribute__((constructor)) void enter(void)
{
    static const struct native_source source = {
        .begin = begin,
        .stop = stop,
        .fork_prepare = fork_prepare,
        .fork_parent = fork_parent,
        .fork_child = fork_child,
        .put_modules = modules_put,
        .put_stacks = stacks_put,
        .put_kinds = stacks_put_kinds,
        .put_counts = stacks_put_counts,
        .find = blocks_find,
    };
    const struct native_host *(*enlist)(const struct native_source *);
    ready();
    mapping_hooks_resolve();
    void *symbol = dlsym(RTLD_DEFAULT, "ouro_native_register");
    if (!symbol)
        return;
    memcpy(&enlist, &symbol, sizeof enlist);
    native.host = enlist(&source);
}
