/* SPDX-License-Identifier: MIT */
#include "arenas.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "../live_table.h"
#include "../memory.h"
#include "../resident.h"
#include "../site_tree.h"
#include "api.h"
#include "layout.h"

/* Objects/obmalloc.c: pools of 4 KiB in arenas of 256 KiB up to 3.9, of 16 KiB in larger ones since. */
#define SMALL_ARENA (256u << 10)
#define SMALL_POOL 4096u
#define POOL 16384u
#define LARGEST_ARENA (2u << 20)
#define PAGE 4096u
#define POOL_HEADER 48u
#define ALIGNMENT 16u
#define SIZE_CLASSES 32u

struct pool {
    uint32_t used; /* blocks; 0: the pool is free, or never was one */
    uint32_t padding;
    uint64_t free_block, next, previous;
    uint32_t arena, size_class, next_offset, last_offset;
};
_Static_assert(sizeof(struct pool) == POOL_HEADER, "a pool's header");

struct arena_allocator { /* PyObjectArenaAllocator */
    void *context;
    void *(*alloc)(void *context, size_t size);
    void (*free)(void *context, void *start, size_t size);
};

#define SLOTS (1u << 17) /* 100 GiB of arenas; of what does not fit only less is known */
#define GONE 1u

struct slot {
    _Atomic uintptr_t start; /* 0: never used; GONE: free again */
    size_t size;
};

static struct {
    struct arena_allocator original;
    struct slot *slots;
} arenas;

static struct slot *slot_at(uintptr_t start, uint32_t probe)
{
    uint64_t hash = (uint64_t)(start >> 12) * 0x9e3779b97f4a7c15u >> 40;
    return &arenas.slots[(hash + probe) % SLOTS];
}

static void note(uintptr_t start, size_t size)
{
    for (uint32_t probe = 0; probe < SLOTS; probe++) {
        struct slot *slot = slot_at(start, probe);
        uintptr_t there = atomic_load_explicit(&slot->start, memory_order_relaxed);
        if (there <= GONE && atomic_compare_exchange_strong(&slot->start, &there, start)) {
            slot->size = size;
            return;
        }
    }
}

static void forget(uintptr_t start)
{
    for (uint32_t probe = 0; probe < SLOTS; probe++) {
        struct slot *slot = slot_at(start, probe);
        uintptr_t there = atomic_load_explicit(&slot->start, memory_order_relaxed);
        if (there == start)
            atomic_store_explicit(&slot->start, GONE, memory_order_relaxed);
        if (there == start || !there)
            return;
    }
}

static void *take(void *context, size_t size)
{
    (void)context;
    void *start = arenas.original.alloc(arenas.original.context, size);
    if (start)
        note((uintptr_t)start, size);
    return start;
}

/* Forgotten first: another thread may be given the address. */
static void give(void *context, void *start, size_t size)
{
    (void)context;
    forget((uintptr_t)start);
    arenas.original.free(arenas.original.context, start, size);
}

void arenas_install(void)
{
    void (*get)(struct arena_allocator *), (*set)(struct arena_allocator *);
    void *symbols[] = {api_symbol("PyObject_GetArenaAllocator"),
                       api_symbol("PyObject_SetArenaAllocator")};
    if (!symbols[0] || !symbols[1] || arenas.slots)
        return;
    arenas.slots = memory_reserve(SLOTS * sizeof *arenas.slots);
    if (!arenas.slots)
        return;
    memcpy(&get, &symbols[0], sizeof get);
    memcpy(&set, &symbols[1], sizeof set);
    get(&arenas.original);
    struct arena_allocator ours = {NULL, take, give};
    set(&ours);
}

/* Whether blocks are in use in a pool and its header is what it must be then. */
static bool pool_in_use(const struct pool *pool, uint32_t pool_size)
{
    uint32_t size = (pool->size_class + 1) * ALIGNMENT;
    return pool->used && pool->size_class < SIZE_CLASSES && pool->last_offset == pool_size - size &&
           pool->used <= (pool_size - POOL_HEADER) / size;
}

static void claim_arena(uintptr_t start, size_t size)
{
    static unsigned char pages[LARGEST_ARENA / PAGE + 1];
    uint32_t pool_size = size == SMALL_ARENA ? SMALL_POOL : POOL;
    uint64_t used = 0, room = 0, empty = 0, blocks = 0;
    uintptr_t first = start & ~(uintptr_t)(PAGE - 1);
    uint64_t left = resident_claim(start, start + size, pages), all = left;
    for (uintptr_t at = (start + pool_size - 1) & ~(uintptr_t)(pool_size - 1);
         at + pool_size <= start + size; at += pool_size) {
        uint64_t here = 0;
        for (uint32_t page = 0; page < pool_size / PAGE; page++)
            here += pages[(at - first) / PAGE + page] & 1 ? PAGE : 0;
        if (here > left)
            here = left;
        left -= here;
        struct pool pool;
        memcpy(&pool, (const void *)at, sizeof pool);
        if (!here || !pool_in_use(&pool, pool_size)) {
            empty += here;
            continue;
        }
        uint32_t block = (pool.size_class + 1) * ALIGNMENT;
        uint64_t taken = (uint64_t)pool.used * block;
        blocks += pool.used;
        used += taken < here ? taken : here;
        room += here - (taken < here ? taken : here);
        resident_count_pool(block, pool.used, (pool_size - POOL_HEADER) / block);
    }
    if (blocks || !all) {
        resident_count(OURO_MEMORY_BLOCKS, used, used, blocks);
        resident_count(OURO_MEMORY_ROOM, room, room, 0);
        resident_count(OURO_MEMORY_EMPTY, empty + left, size, 1);
    } else {
        resident_count(OURO_MEMORY_EMPTY, all, size, 1);
    }
}

/*
 * Without the global lock blocks come from mimalloc, which has no arenas of this kind: the mappings in
 * which followed blocks lie are its heaps. What is not such a block there is room, or memory that
 * is not followed.
 */
static void claim_by_block(void)
{
    struct live_walk walk;
    struct live_block life;
    uintptr_t block;
    uint32_t count = resident_mapping_count();
    struct {
        uint64_t bytes, blocks;
    } *found = memory_reserve(count * sizeof *found);
    if (!found)
        return;
    live_walk_begin(&walk);
    while (live_walk_next(&walk, &block, &life)) {
        uint32_t mapping = resident_mapping_of(block);
        if (mapping == UINT32_MAX)
            continue;
        found[mapping].bytes += site_tree_block_size(&life);
        found[mapping].blocks++;
    }
    live_walk_end(&walk);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t extent, here = found[i].blocks ? resident_claim_rest(i, &extent) : 0;
        uint64_t used = found[i].bytes < here ? found[i].bytes : here;
        if (!here)
            continue;
        resident_count(OURO_MEMORY_BLOCKS, used, found[i].bytes, found[i].blocks);
        resident_count(OURO_MEMORY_ROOM, here - used, extent - used, 0);
    }
    memory_release(found, count * sizeof *found);
}

/* What is smaller is a stack of frames; without the global lock blocks come from elsewhere. */
static bool has_pools(size_t size)
{
    return size >= SMALL_ARENA && size <= LARGEST_ARENA && !layout.free_threaded;
}

void arenas_claim(void)
{
    for (uint32_t i = 0; arenas.slots && i < SLOTS; i++) {
        uintptr_t start = arenas.slots[i].start;
        size_t size = arenas.slots[i].size;
        if (start <= GONE || !size)
            continue;
        if (has_pools(size))
            claim_arena(start, size);
        else
            resident_count(OURO_MEMORY_FRAMES, resident_claim(start, start + size, NULL), size, 1);
    }
    if (layout.free_threaded)
        claim_by_block();
}

void arenas_each(void (*arena)(uintptr_t start, uintptr_t end))
{
    for (uint32_t i = 0; arenas.slots && i < SLOTS; i++) {
        uintptr_t start = arenas.slots[i].start;
        if (start > GONE && has_pools(arenas.slots[i].size))
            arena(start, start + arenas.slots[i].size);
    }
}

/* Which blocks of a pool, by number, are free: its list of them, and those never given out. */
static void find_free(uintptr_t start, const struct pool *pool, uint32_t size, uint32_t count,
                      bool *is_free)
{
    uint32_t given = (pool->next_offset - POOL_HEADER) / size;
    for (uint32_t i = 0; i < count; i++)
        is_free[i] = i >= given;
    uintptr_t first = start + POOL_HEADER, at = pool->free_block;
    for (uint32_t bound = count; bound && at; bound--) {
        uint32_t number = (uint32_t)((at - first) / size);
        if (at < first || number >= count || first + (uintptr_t)number * size != at)
            return; /* no list: what it does not tell counts as given */
        is_free[number] = true;
        memcpy(&at, (const void *)at, sizeof at);
    }
}

static void each_of_pool(uintptr_t start, uint32_t pool_size,
                         void (*block)(uintptr_t start, uintptr_t end))
{
    static bool is_free[(POOL - POOL_HEADER) / ALIGNMENT];
    struct pool pool;
    memcpy(&pool, (const void *)start, sizeof pool);
    if (!pool_in_use(&pool, pool_size) || pool.next_offset < POOL_HEADER)
        return;
    uint32_t size = (pool.size_class + 1) * ALIGNMENT, count = (pool_size - POOL_HEADER) / size;
    find_free(start, &pool, size, count, is_free);
    for (uint32_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && is_free[next] == is_free[i];)
            next++;
        if (!is_free[i])
            block(start + POOL_HEADER + (uintptr_t)i * size,
                  start + POOL_HEADER + (uintptr_t)next * size);
    }
}

void arenas_each_block(void (*block)(uintptr_t start, uintptr_t end))
{
    for (uint32_t i = 0; arenas.slots && i < SLOTS; i++) {
        uintptr_t start = arenas.slots[i].start;
        size_t size = arenas.slots[i].size;
        if (start <= GONE || !has_pools(size))
            continue;
        uint32_t pool_size = size == SMALL_ARENA ? SMALL_POOL : POOL;
        for (uintptr_t at = (start + pool_size - 1) & ~(uintptr_t)(pool_size - 1);
             at + pool_size <= start + size; at += pool_size)
            each_of_pool(at, pool_size, block);
    }
}

uintptr_t arenas_frames_end(uintptr_t start)
{
    for (uint32_t probe = 0; arenas.slots && start > GONE && probe < SLOTS; probe++) {
        const struct slot *slot = slot_at(start, probe);
        if (slot->start == start)
            return has_pools(slot->size) ? 0 : start + slot->size;
        if (!slot->start)
            break;
    }
    return 0;
}
