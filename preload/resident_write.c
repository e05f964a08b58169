/* SPDX-License-Identifier: MIT */
/*
 * What lies in the mappings, found in the copy, which has the program's private memory page by page.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "by_address.h"
#include "chunks.h"
#include "memory.h"
#include "resident_state.h"
#include "runtime.h"
#include "shim.h"
#include "snapshot_stream.h"

#define SIZES 64u /* of blocks that the runtime has pools for */
#define HEAP_ALIGN \
    (64ul << 20) /* glibc: where heaps of further arenas begin, and how long they are */
#define MAPPED_LEAST (16ul << 10) /* a block of malloc with its own mapping is not smaller */
#define IS_MAPPED 2u              /* glibc: flag in the size of such a block */

struct kind_sum {
    uint64_t resident, extent, pieces;
};

struct range {
    uintptr_t start, end;
};

static struct {
    struct kind_sum kinds[OURO_MEMORY_KINDS];
    struct pool_sum {
        uint32_t size;
        uint64_t pools, used, room;
    } pools[SIZES];
    unsigned pool_count;
    struct range *claims; /* of anonymous memory */
    uint32_t claim_count;
    unsigned char *pages;
    struct resident_heap *heaps;
    uint32_t heap_count;
    struct kind_sum malloc; /* its heaps */
} work;

#define CLAIMS (1u << 18)
#define PAGES_AT_ONCE (1u << 16)

uint32_t resident_mapping_of(uintptr_t address)
{
    uint32_t low = 0, high = resident.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (resident.mappings[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < resident.count && resident.mappings[low].start <= address ? low : UINT32_MAX;
}

void resident_count(enum ouro_memory_kind kind, uint64_t bytes, uint64_t extent, uint64_t pieces)
{
    work.kinds[kind].resident += bytes;
    work.kinds[kind].extent += extent;
    work.kinds[kind].pieces += pieces;
}

void resident_count_pool(uint32_t size, uint64_t used, uint64_t room)
{
    unsigned i = 0;
    while (i < work.pool_count && work.pools[i].size != size)
        i++;
    if (i == SIZES)
        return;
    if (i == work.pool_count)
        work.pools[work.pool_count++].size = size;
    work.pools[i].pools++;
    work.pools[i].used += used;
    work.pools[i].room += room;
}

/* Bytes that are resident of a range within one mapping. */
static uint64_t resident_of(uintptr_t start, uintptr_t end, unsigned char *pages)
{
    uint64_t bytes = 0;
    while (start < end) {
        size_t count = (end - start) / RESIDENT_PAGE;
        unsigned char *into = pages ? pages : work.pages;
        if (count > PAGES_AT_ONCE)
            count = PAGES_AT_ONCE;
        if (mincore((void *)start, count * RESIDENT_PAGE, into) != 0)
            return bytes;
        for (size_t i = 0; i < count; i++)
            bytes += into[i] & 1 ? RESIDENT_PAGE : 0;
        start += count * RESIDENT_PAGE;
        pages = pages ? pages + count : NULL;
    }
    return bytes;
}

static uint64_t take(struct resident_mapping *m, uint64_t bytes)
{
    if (bytes > m->resident)
        bytes = m->resident;
    m->resident -= bytes;
    if (m->anonymous > m->resident)
        m->anonymous = m->resident;
    return bytes;
}

uint64_t resident_claim(uintptr_t start, uintptr_t end, unsigned char *pages)
{
    uint64_t bytes = 0;
    uint32_t at = 0, high = resident.count;
    start &= ~(uintptr_t)(RESIDENT_PAGE - 1);
    end = (end + RESIDENT_PAGE - 1) & ~(uintptr_t)(RESIDENT_PAGE - 1);
    if (pages)
        memset(pages, 0, (end - start) / RESIDENT_PAGE);
    while (at < high) { /* the first that ends behind start */
        uint32_t middle = at + (high - at) / 2;
        if (resident.mappings[middle].end <= start)
            at = middle + 1;
        else
            high = middle;
    }
    for (; at < resident.count && resident.mappings[at].start < end; at++) {
        struct resident_mapping *m = &resident.mappings[at];
        uintptr_t from = m->start > start ? m->start : start, to = m->end < end ? m->end : end;
        m->claimed += to - from;
        if (from == m->start && to == m->end && !pages)
            bytes += take(m, m->resident);
        else
            bytes += take(
                m, resident_of(from, to, pages ? pages + (from - start) / RESIDENT_PAGE : NULL));
    }
    if (work.claim_count < CLAIMS)
        work.claims[work.claim_count++] = (struct range){start, end};
    return bytes;
}

uint32_t resident_mapping_count(void)
{
    return resident.count;
}

uint64_t resident_claim_rest(uint32_t mapping, uint64_t *extent)
{
    struct resident_mapping *m = &resident.mappings[mapping];
    *extent = m->end - m->start;
    return m->place == PLACE_ANONYMOUS ? take(m, m->resident) : 0;
}

static uint64_t word_at(uintptr_t address)
{
    uint64_t word;
    memcpy(&word, (const void *)address, sizeof word);
    return word;
}

/* The first resident page of a range, end: there is none. */
static uintptr_t next_resident(uintptr_t at, uintptr_t end)
{
    while (at < end) {
        size_t count = (end - at) / RESIDENT_PAGE, i = 0;
        if (count > PAGES_AT_ONCE)
            count = PAGES_AT_ONCE;
        if (count > 64 && mincore((void *)at, RESIDENT_PAGE, work.pages) == 0 && work.pages[0] & 1)
            return at;
        if (mincore((void *)at, count * RESIDENT_PAGE, work.pages) != 0)
            return end;
        while (i < count && !(work.pages[i] & 1))
            i++;
        at += i * RESIDENT_PAGE;
        if (i < count)
            return at;
    }
    return end;
}

/*
 * Whether glibc has a heap of a further arena here (malloc/arena.c: heap_info): the arena, the heap
 * before it, its size, and how much of it may be read and written, which is what is mapped so.
 */
static bool is_malloc_heap(uintptr_t start, uintptr_t end)
{
    uint64_t arena = word_at(start), before = word_at(start + 8), size = word_at(start + 16),
             mapped = word_at(start + 24);
    return arena && before % HEAP_ALIGN == 0 && size && size <= mapped && mapped <= HEAP_ALIGN &&
           mapped % RESIDENT_PAGE == 0 && start + mapped <= end && size % RESIDENT_PAGE == 0 &&
           (before || (arena > start && arena < start + RESIDENT_PAGE));
}

/*
 * Bytes of a block of malloc's that begins a mapping of its own here, 0: none does (malloc.c: sysmalloc).
 * From glibc 2.43 on its size is 16 bytes less than that of its mapping.
 */
static uint64_t mapped_block(uintptr_t start, uintptr_t end)
{
    uint64_t before = word_at(start), size = word_at(start + 8);
    uint64_t bytes = size & ~UINT64_C(7);
    bytes += bytes % RESIDENT_PAGE ? 16 : 0;
    return before == 0 && (size & 7) == IS_MAPPED && bytes >= MAPPED_LEAST &&
                   bytes % RESIDENT_PAGE == 0 && bytes <= end - start
               ? bytes
               : 0;
}

static void note_heap(uintptr_t start, uintptr_t end, enum resident_heap_kind kind)
{
    if (work.heap_count < CLAIMS)
        work.heaps[work.heap_count++] = (struct resident_heap){start, end, kind};
}

const struct resident_heap *resident_heaps(uint32_t *count)
{
    *count = work.heap_count;
    return work.heaps;
}

/* What malloc has in a stretch of anonymous mappings, in the gaps between what was claimed before. */
static void search_malloc(uintptr_t at, uintptr_t end, uint64_t *heap_resident,
                          uint64_t *heap_extent, uint64_t *heaps)
{
    uint32_t known = work.claim_count, claim = 0, high = known;
    while (claim < high) { /* the first that ends behind the start */
        uint32_t middle = claim + (high - claim) / 2;
        if (work.claims[middle].end <= at)
            claim = middle + 1;
        else
            high = middle;
    }
    while (at < end) {
        while (claim < known && work.claims[claim].end <= at)
            claim++;
        if (claim < known && work.claims[claim].start <= at) {
            at = work.claims[claim].end;
            continue;
        }
        uintptr_t gap =
            claim < known && work.claims[claim].start < end ? work.claims[claim].start : end;
        uint64_t bytes;
        at = next_resident(at, gap); /* both begin with what malloc has written there */
        if (at == gap)
            continue;
        if (at % HEAP_ALIGN == 0 && is_malloc_heap(at, gap)) {
            bytes = word_at(at + 24);
            *heap_resident += resident_claim(at, at + bytes, NULL);
            *heap_extent += bytes;
            ++*heaps;
            note_heap(at, at + bytes, HEAP_ARENA);
        } else if ((bytes = mapped_block(at, gap))) {
            resident_count(OURO_MEMORY_MALLOC_MAPPED, resident_claim(at, at + bytes, NULL), bytes,
                           1);
            note_heap(at, at + bytes, HEAP_BLOCK);
        } else {
            bytes = RESIDENT_PAGE;
        }
        at += bytes;
        work.claim_count = known; /* these need not be known: the search is past them */
    }
}

static void claim_own(void)
{
    uint32_t count = memory_range_count();
    for (uint32_t i = 0; i < count; i++) {
        uintptr_t start;
        size_t size;
        if (memory_range(i, &start, &size))
            resident_count(OURO_MEMORY_OWN, resident_claim(start, start + size, NULL), 0, 0);
    }
    for (uint32_t i = 0; i < resident.count; i++) {
        struct resident_mapping *m = &resident.mappings[i];
        if (resident.own_file && m->file == resident.own_file)
            resident_count(OURO_MEMORY_OWN, take(m, m->resident), m->end - m->start, 1);
    }
}

static void sort_stacks(void)
{
    for (uint32_t i = 1; i < resident.stack_count; i++) {
        uintptr_t moving = resident.stacks[i];
        uint32_t at = i;
        for (; at && resident.stacks[at - 1] > moving; at--)
            resident.stacks[at] = resident.stacks[at - 1];
        resident.stacks[at] = moving;
    }
}

/*
 * A stack ends with the page of the address that is known, and goes down to the guard or, where that
 * is none that the list of mappings shows (glibc 2.42), for as long as stacks are by default.
 */
static void claim_stacks(void)
{
    struct rlimit limit;
    uintptr_t size = 2ul << 20, last = 0;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        size = limit.rlim_cur;
    sort_stacks();
    for (uint32_t i = 0; i < resident.stack_count; i++) {
        uint32_t mapping = resident_mapping_of(resident.stacks[i]);
        if (mapping == UINT32_MAX || resident.mappings[mapping].place != PLACE_ANONYMOUS)
            continue;
        uintptr_t top = (resident.stacks[i] | (RESIDENT_PAGE - 1)) + 1;
        uintptr_t start = resident.mappings[mapping].start;
        if (top - start > size)
            start = top - size;
        if (start < last)
            start = last;
        if (start >= top)
            continue;
        resident_count(OURO_MEMORY_STACKS, resident_claim(start, top, NULL), top - start, 1);
        last = top;
    }
}

/* A library's zeroed data and a block that begins right behind it are one mapping to the kernel. */
static bool may_be_malloc(const struct resident_mapping *m)
{
    return (m->place == PLACE_ANONYMOUS || m->place == PLACE_AFTER_FILE) && m->writable &&
           m->private;
}

/* A block may lie in several mappings: what is to have huge pages is one by itself (numpy). */
static void claim_malloc(void)
{
    struct kind_sum *heaps = &work.malloc;
    sort_by_address(work.claims, work.claim_count, sizeof *work.claims);
    for (uint32_t i = 0, next; i < resident.count; i = next) {
        struct resident_mapping *m = &resident.mappings[i];
        uintptr_t start = m->start, end = m->end;
        next = i + 1;
        if (m->place == PLACE_BREAK) {
            heaps->extent += m->end - m->start;
            heaps->resident += take(m, m->resident);
            heaps->pieces++;
            note_heap(m->start, m->end, HEAP_BREAK);
        } else if (may_be_malloc(m)) {
            for (m++; next < resident.count && m->start == end && may_be_malloc(m); m++, next++)
                end = m->end;
            search_malloc(start, end, &heaps->resident, &heaps->extent, &heaps->pieces);
        }
    }
}

static void count_malloc(void)
{
    const struct kind_sum *heaps = &work.malloc;
    struct chunks_account account = chunks_account();
    if (!account.known) {
        resident_count(OURO_MEMORY_MALLOC, heaps->resident, heaps->extent, heaps->pieces);
        return;
    }
    uint64_t used = account.used < heaps->resident ? account.used : heaps->resident;
    resident_count(OURO_MEMORY_MALLOC_USED, used, account.used, heaps->pieces);
    resident_count(OURO_MEMORY_MALLOC_FREE, heaps->resident - used, account.free, 0);
}

static void count_rest(void)
{
    for (uint32_t i = 0; i < resident.count; i++) {
        struct resident_mapping *m = &resident.mappings[i];
        uint64_t extent = m->end - m->start;
        switch ((enum resident_place)m->place) {
        case PLACE_FILE:
            resident_count(OURO_MEMORY_FILES, m->resident - m->anonymous, extent, 1);
            resident_count(OURO_MEMORY_DATA, m->anonymous, m->writable ? extent : 0, m->writable);
            break;
        case PLACE_AFTER_FILE:
            resident_count(OURO_MEMORY_DATA, m->resident, extent, 1);
            break;
        case PLACE_STACK:
            resident_count(OURO_MEMORY_STACKS, m->resident, extent, 1);
            break;
        case PLACE_KERNEL:
            resident_count(OURO_MEMORY_KERNEL, m->resident, extent, 1);
            break;
        case PLACE_SHARED:
            resident_count(OURO_MEMORY_SHARED, m->resident, extent, 1);
            break;
        case PLACE_ANONYMOUS:
        case PLACE_BREAK:
            if (m->resident)
                resident_count(OURO_MEMORY_MAPPED, m->resident,
                               m->claimed < extent ? extent - m->claimed : m->resident, 1);
            break;
        }
    }
}

/* What is read here are the insides of allocators: at worst there is no account. */
static bool claim_all(struct snapshot *snapshot)
{
    if (sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 0;
        return false;
    }
    snapshot->guarded = 1;
    claim_own();
    claim_stacks();
    if (shim_runtime()->claim_memory)
        shim_runtime()->claim_memory();
    claim_malloc();
    count_rest();
    snapshot->guarded = 0;
    return true;
}

static void list_chunks(struct snapshot *snapshot)
{
    if (!sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 1;
        chunks_list(snapshot);
    }
    snapshot->guarded = 0;
}

static void put(struct payload *out)
{
    uint64_t kinds = 0;
    for (unsigned i = 1; i < OURO_MEMORY_KINDS; i++)
        kinds += work.kinds[i].resident || work.kinds[i].pieces;
    payload_varint(out, resident.rss);
    payload_varint(out, kinds);
    for (unsigned i = 1; i < OURO_MEMORY_KINDS; i++) {
        const struct kind_sum *sum = &work.kinds[i];
        if (!sum->resident && !sum->pieces)
            continue;
        payload_varint(out, i);
        payload_varint(out, sum->resident);
        payload_varint(out, sum->extent);
        payload_varint(out, sum->pieces);
    }
    payload_varint(out, work.pool_count);
    for (unsigned i = 0; i < work.pool_count; i++) {
        payload_varint(out, work.pools[i].size);
        payload_varint(out, work.pools[i].pools);
        payload_varint(out, work.pools[i].used);
        payload_varint(out, work.pools[i].room);
    }
}

void resident_write(struct snapshot *snapshot)
{
    struct payload out;
    bool measured = resident.measured && resident.rss;
    if (!measured && !resident_list())
        return;
    work.claims = snapshot_reserve(snapshot, CLAIMS * sizeof *work.claims);
    work.heaps = snapshot_reserve(snapshot, CLAIMS * sizeof *work.heaps);
    work.pages = snapshot_reserve(snapshot, PAGES_AT_ONCE);
    if (!payload_create(&out, 65536))
        snapshot_out_of_memory(snapshot);
    bool claimed = claim_all(snapshot);
    if (claimed)
        list_chunks(snapshot);
    if (claimed && measured) {
        count_malloc();
        put(&out);
        snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_MEMORY, &out);
    }
    memory_release(out.data, out.capacity);
}
