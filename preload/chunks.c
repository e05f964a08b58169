/* SPDX-License-Identifier: MIT */
/*
 * The layout is that of malloc/malloc.c and arena.c, glibc 2.33 to 2.43: a heap is a row of chunks, each
 * with its size in its second word and in that word's lowest bit whether the one before is in use. What
 * a thread keeps for itself and what is in a fast bin looks as if it were in use, and is told apart.
 */
#include "chunks.h"

#include <string.h>

#include "by_address.h"
#include "live_table.h"
#include "memory.h"
#include "resident_state.h"
#include "snapshot_stream.h"

#define WORD 8u
#define HEADER 16u /* before a block; its first word belongs to the block before */
#define FLAGS UINT64_C(7)
#define BEFORE_IN_USE 1u
#define LEAST 32u /* of a chunk */
#define FENCE 64u /* chunks at the end of a heap that is full, at most */
#define HEAP_ALIGN (64ul << 20)

/* malloc_state: ... fast bins (up to 2.42), top, last remainder, bins, a map of them, next, ... */
#define BIN_WORDS 254u
#define BINS_CHECKED 252u
#define BINS_WITH_FAST 112u /* where the bins are in a state that has fast bins before them */
#define BINS_WITHOUT 24u
#define FAST_BINS 10u
#define FAST_AT 16u
#define NEXT_AFTER_BINS (BIN_WORDS * WORD + 16u)
#define STATE_AFTER_BINS (NEXT_AFTER_BINS + 5u * WORD)
#define ARENAS_MOST 4096u

#define STRETCH_BITS 20u /* of addresses that share a bit of the filter */
#define FILTER_WORDS (1u << (47 - STRETCH_BITS - 6))

struct free_map {
    uintptr_t start, end; /* of a heap */
    uint64_t *bits;       /* one for each HEADER bytes: a chunk in a fast bin begins there */
};

static struct {
    struct chunk *chunks;
    uint32_t count, room;
    struct chunk_range *ranges;
    uint32_t range_count;
    uint64_t *filter;      /* a bit for each stretch of addresses that a block lies in */
    struct free_map *free; /* ascending */
    uint32_t free_count;
    uintptr_t bins; /* within an arena's state */
    struct chunks_account account;
    bool complete;
} known;

static uint64_t word_at(uintptr_t address)
{
    uint64_t word;
    memcpy(&word, (const void *)address, sizeof word);
    return word;
}

static bool in_break(uintptr_t address, const struct resident_heap *main)
{
    return address >= main->start && address < main->end;
}

/*
 * Whether the main arena's bins are here: each is empty, and then points to itself, or leads to free
 * chunks; and the top chunk is in the heap.
 */
static bool are_bins(uintptr_t at, const struct resident_heap *main)
{
    if (!in_break(word_at(at - 2 * WORD), main))
        return false;
    for (unsigned i = 0; i < BINS_CHECKED; i++) {
        uintptr_t word = word_at(at + WORD * i), itself = at + WORD * (i & ~1u) - HEADER;
        if (word != itself && !in_break(word, main))
            return false;
    }
    return true;
}

/* Whether the ring of arenas leads back to this one, its bins being where they are said to be. */
static bool is_ring(uintptr_t arena, uintptr_t bins)
{
    uintptr_t next = arena;
    for (unsigned bound = ARENAS_MOST; bound; bound--) {
        next = word_at(next + bins + NEXT_AFTER_BINS);
        if (next == arena)
            return true;
        /* The others are at the beginning of their first heaps. */
        if (next % HEAP_ALIGN > RESIDENT_PAGE || resident_mapping_of(next) == UINT32_MAX)
            return false;
    }
    return false;
}

/* The state of the main arena, 0: not found. Sets where the bins are in it. */
static uintptr_t find_main_arena(const struct resident_heap *main)
{
    static const unsigned places[] = {BINS_WITH_FAST, BINS_WITHOUT};
    uint32_t text = resident_mapping_of(resident.libc);
    if (!resident.libc || text == UINT32_MAX)
        return 0;
    for (uint32_t i = 0; i < resident.count; i++) {
        const struct resident_mapping *m = &resident.mappings[i];
        if (m->file != resident.mappings[text].file || !m->writable)
            continue;
        for (uintptr_t at = m->start + BINS_WITH_FAST; at + STATE_AFTER_BINS <= m->end;
             at += WORD) {
            if (!are_bins(at, main))
                continue;
            for (unsigned p = 0; p < 2; p++) {
                known.bins = places[p];
                if (is_ring(at - known.bins, known.bins))
                    return at - known.bins;
            }
        }
    }
    return 0;
}

static void add(uintptr_t chunk, uintptr_t end)
{
    uintptr_t address = chunk + HEADER;
    struct live_block block;
    /* The runtime's own checks put two words before a block (PYTHONMALLOC=debug), twice if it is large. */
    if (known.count == known.room || live_table_get(address, &block) ||
        live_table_get(address + HEADER, &block) ||
        (address + 2 * HEADER < end && live_table_get(address + 2 * HEADER, &block)))
        return;
    known.chunks[known.count++] = (struct chunk){address, end};
}

static void note_range(uintptr_t start, uintptr_t end)
{
    known.ranges[known.range_count++] = (struct chunk_range){start, end};
}

/* The word and the bit of a chunk; NULL: it is in no heap. */
static uint64_t *free_bit(uintptr_t chunk, uint64_t *bit)
{
    uint32_t low = 0, high = known.free_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (known.free[middle].end <= chunk)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == known.free_count || chunk < known.free[low].start || chunk % HEADER)
        return NULL;
    uintptr_t number = (chunk - known.free[low].start) / HEADER;
    *bit = UINT64_C(1) << number % 64;
    return &known.free[low].bits[number / 64];
}

static bool is_fast(uintptr_t chunk)
{
    uint64_t bit, *word = free_bit(chunk, &bit);
    return word && *word & bit;
}

/*
 * Chunks in fast bins: links are xored with their own place (PROTECT_PTR). One that was met ends a ring.
 * Each step waits for memory, so that all bins make theirs at once.
 */
static void find_fast(uintptr_t arena)
{
    uintptr_t chunk[FAST_BINS] = {0};
    uint64_t bit, *word;
    for (unsigned i = 0; known.bins == BINS_WITH_FAST && i < FAST_BINS; i++)
        chunk[i] = word_at(arena + FAST_AT + WORD * i);
    for (bool more = true; more;) {
        more = false;
        for (unsigned i = 0; i < FAST_BINS; i++) {
            if (!chunk[i])
                continue;
            word = free_bit(chunk[i], &bit);
            if (!word || *word & bit) {
                chunk[i] = 0;
                continue;
            }
            *word |= bit;
            chunk[i] = word_at(chunk[i] + HEADER) ^ ((chunk[i] + HEADER) >> 12);
            __builtin_prefetch((const void *)(chunk[i] + HEADER));
            more = true;
        }
    }
}

static void find_all_fast(uintptr_t main_arena)
{
    uintptr_t arena = main_arena;
    for (unsigned bound = ARENAS_MOST; bound; bound--) {
        find_fast(arena);
        arena = word_at(arena + known.bins + NEXT_AFTER_BINS);
        if (arena == main_arena)
            return;
    }
}

/*
 * The chunks of a heap from its first one on, up to the top one, the end or a fence. What is behind
 * a fence may be memory that something else than malloc has from the break: then there is no account.
 */
static void walk(uintptr_t at, uintptr_t end, uintptr_t top)
{
    uintptr_t start = at;
    while (at != top && at + LEAST <= end) {
        uint64_t size = word_at(at + WORD) & ~FLAGS;
        if (size < LEAST || size % HEADER || size > end - at - HEADER) {
            note_range(start, at);
            known.account.known = known.account.known && end - at <= FENCE;
            return;
        }
        if (word_at(at + size + WORD) & BEFORE_IN_USE &&
            !(resident.cache_key && word_at(at + HEADER + WORD) == resident.cache_key) &&
            !is_fast(at)) {
            known.account.used += size;
            add(at, at + size + WORD); /* the next one's first word is this one's */
        } else {
            known.account.free += size;
        }
        at += size;
    }
    known.account.free += end - at;
    note_range(start, end);
}

static uintptr_t top_of(uintptr_t arena)
{
    return word_at(arena + known.bins - 2 * WORD);
}

static void walk_heap(const struct resident_heap *heap)
{
    uintptr_t arena = word_at(heap->start), first = arena & ~(uintptr_t)(HEAP_ALIGN - 1);
    uintptr_t at = heap->start + (arena - first); /* the state follows the heap's own header */
    /* Something else may begin like a heap. */
    if (arena - first > 4096 || resident_mapping_of(arena) == UINT32_MAX) {
        known.account.known = false;
        return;
    }
    if (first == heap->start)
        at = (arena + known.bins + STATE_AFTER_BINS + HEADER - 1) & ~(uintptr_t)(HEADER - 1);
    note_range(heap->start, at);
    walk(at, heap->start + word_at(heap->start + 2 * WORD), top_of(arena));
}

/* Numbers below it begin before the address. */
static uint32_t lower_bound(uintptr_t address)
{
    uint32_t low = 0, high = known.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (known.chunks[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill_filter(void)
{
    for (uint32_t i = 0; i < known.count; i++) {
        const struct chunk *chunk = &known.chunks[i];
        uintptr_t last = (chunk->end - 1) >> STRETCH_BITS;
        for (uintptr_t s = chunk->address >> STRETCH_BITS; s <= last && s / 64 < FILTER_WORDS; s++)
            known.filter[s / 64] |= UINT64_C(1) << s % 64;
    }
}

/* Heaps, sorted. */
static void make_free_maps(struct snapshot *snapshot, const struct resident_heap *heaps,
                           uint32_t count)
{
    known.free = snapshot_reserve(snapshot, count * sizeof *known.free);
    known.free_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (heaps[i].kind == HEAP_BLOCK)
            continue;
        uint64_t words = (heaps[i].end - heaps[i].start) / HEADER / 64 + 1;
        known.free[known.free_count++] = (struct free_map){
            heaps[i].start, heaps[i].end, snapshot_reserve(snapshot, words * sizeof(uint64_t))};
    }
}

bool chunks_list(struct snapshot *snapshot)
{
    uint32_t count;
    uint64_t room = 0;
    const struct resident_heap *found = resident_heaps(&count), *main = NULL;
    known.complete = false;
    known.account = (struct chunks_account){0};
    if (!count || !resident.libc)
        return false;
    struct resident_heap *heaps = snapshot_reserve(snapshot, count * sizeof *heaps);
    memcpy(heaps, found, count * sizeof *heaps);
    /* There are few heaps, but blocks with mappings of their own may be many. */
    sort_by_address(heaps, count, sizeof *heaps);
    for (uint32_t i = 0; i < count; i++) {
        room += heaps[i].kind == HEAP_BLOCK ? 1 : (heaps[i].end - heaps[i].start) / LEAST;
        if (heaps[i].kind == HEAP_BREAK && !main)
            main = &heaps[i];
    }
    uintptr_t arena = main ? find_main_arena(main) : 0;
    known.room = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX - 1;
    known.chunks = snapshot_reserve(snapshot, known.room * sizeof *known.chunks);
    known.ranges = snapshot_reserve(snapshot, (2 * (size_t)count + 1) * sizeof *known.ranges);
    known.filter = snapshot_reserve(snapshot, FILTER_WORDS * sizeof *known.filter);
    make_free_maps(snapshot, heaps, count);
    known.account.known = arena != 0;
    if (arena)
        find_all_fast(arena);
    for (uint32_t i = 0; i < count; i++) {
        if (heaps[i].kind == HEAP_BLOCK) {
            add(heaps[i].start, heaps[i].end);
            note_range(heaps[i].start, heaps[i].end);
        } else if (arena && heaps[i].kind == HEAP_BREAK) {
            walk(heaps[i].start, heaps[i].end, top_of(arena));
        } else if (arena) {
            walk_heap(&heaps[i]);
        }
    }
    if (arena)
        note_range(arena, arena + known.bins + STATE_AFTER_BINS);
    fill_filter();
    known.complete = arena != 0;
    return known.complete;
}

struct chunks_account chunks_account(void)
{
    return known.complete ? known.account : (struct chunks_account){0};
}

uint32_t chunks_count(void)
{
    return known.complete ? known.count : 0;
}

const struct chunk *chunks_get(uint32_t number)
{
    return &known.chunks[number];
}

uint32_t chunks_range_count(void)
{
    return known.range_count;
}

struct chunk_range chunks_range(uint32_t number)
{
    return known.ranges[number];
}

uint32_t chunks_after(uintptr_t address)
{
    return lower_bound(address + 1);
}

uint32_t chunks_holding(uintptr_t address)
{
    uintptr_t stretch = address >> STRETCH_BITS;
    if (stretch / 64 >= FILTER_WORDS || !(known.filter[stretch / 64] >> stretch % 64 & 1))
        return UINT32_MAX;
    uint32_t after = lower_bound(address + 1);
    if (!after)
        return UINT32_MAX;
    const struct chunk *chunk = &known.chunks[after - 1];
    return address < chunk->end ? after - 1 : UINT32_MAX;
}
