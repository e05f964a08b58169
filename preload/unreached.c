/* SPDX-License-Identifier: MIT */
#include "unreached.h"

#include <string.h>

#include "by_address.h"
#include "chunks.h"
#include "clock.h"
#include "live_table.h"
#include "native.h"
#include "options.h"
#include "photocopy.h"
#include "resident_state.h"
#include "site_tree.h"
#include "snapshot_stream.h"
#include "touched.h"

#define WORD 8u
#define NONE UINT32_MAX
#define ADDRESS_MASK ((UINT64_C(1) << 47) - 1)
#define ALL_AT_ONCE (1u << 20)   /* bytes that are read without asking which pages are there */
#define ARENAS (1u << 17)        /* of the runtime */
#define BLOCKS_MOST (1u << 20)   /* that are written one by one */
#define CHUNK_BYTES (1u << 20)   /* of a payload */
#define OWN_FRAMES (32u << 10)   /* that calls of the copy may have left below the present one */
#define CHECKED_EVERY (1u << 14) /* blocks between looks at the clock */

static struct {
    struct snapshot *snapshot;
    uint32_t count; /* of blocks */
    bool *reached;
    uint32_t *queue, queued; /* reached ones whose memory is to be searched */
    struct chunk_range *spared;
    uint32_t spared_count, spared_room; /* ascending; memory that is not read as it is */
    uint64_t deadline;                  /* ns */
    volatile uintptr_t at, end;         /* what is read now, up to where */
    bool file; /* what is read is a file's, and may be shorter than its mapping */
    enum ouro_unreached_status status;
} search;

static struct {
    struct chunk_range *ranges;
    uint32_t count;
} managed;

void unreached_managed(uintptr_t start, uintptr_t end)
{
    if (!managed.ranges)
        managed.ranges = memory_reserve(ARENAS * sizeof *managed.ranges);
    if (managed.ranges && managed.count < ARENAS)
        managed.ranges[managed.count++] = (struct chunk_range){start, end};
}

static bool late(void)
{
    if (search.status == OURO_UNREACHED_KNOWN && clock_now(CLOCK_MONOTONIC) > search.deadline)
        search.status = OURO_UNREACHED_TIME;
    return search.status != OURO_UNREACHED_KNOWN;
}

/* The block that a word leads to. Some keep a mark in the bits of an address that are always 0. */
static uint32_t block_of(uint64_t word)
{
    uint32_t chunk = word < RESIDENT_PAGE ? NONE : chunks_holding(word);
    return chunk == NONE && word >> 47 ? chunks_holding(word & ADDRESS_MASK) : chunk;
}

static void reach(uint64_t word)
{
    uint32_t chunk = block_of(word);
    if (chunk == NONE || search.reached[chunk])
        return;
    search.reached[chunk] = true;
    search.queue[search.queued++] = chunk;
}

static void scan_page(uintptr_t start, uintptr_t end, void (*found)(uint64_t word))
{
    for (uintptr_t at = (start + WORD - 1) & ~(uintptr_t)(WORD - 1); at + WORD <= end; at += WORD) {
        uint64_t word;
        memcpy(&word, (const void *)at, sizeof word);
        found(word);
    }
}

/*
 * Reads words. A page that is there and cannot be read might lead anywhere; others are the guards of
 * stacks, or lie behind the end of a file.
 */
static void scan(uintptr_t start, uintptr_t end, void (*found)(uint64_t word))
{
    struct snapshot *snapshot = search.snapshot;
    search.at = start;
    search.end = end;
    if (sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 0;
        if (!search.file && touched_is_there(search.at))
            search.status = OURO_UNREACHED_UNREADABLE;
        search.at = (search.at | (RESIDENT_PAGE - 1)) + 1;
    }
    while (search.at < search.end) {
        uintptr_t next = (search.at | (RESIDENT_PAGE - 1)) + 1;
        snapshot->guarded = 1;
        scan_page(search.at, next < search.end ? next : search.end, found);
        snapshot->guarded = 0;
        search.at = next;
    }
}

/* The same of a large range, but only pages that hold something. */
static void scan_touched(uintptr_t start, uintptr_t end, bool private, void (*found)(uint64_t word))
{
    struct touched_walk walk = touched_begin(start, end, private);
    uintptr_t from, to;
    while (!late() && touched_next(&walk, &from, &to))
        scan(from, to, found);
    if (walk.failed)
        search.status = OURO_UNREACHED_UNREADABLE;
}

static void scan_block(uint32_t chunk, void (*found)(uint64_t word))
{
    const struct chunk *c = chunks_get(chunk);
    if (c->end - c->address < ALL_AT_ONCE)
        scan(c->address, c->end, found);
    else
        scan_touched(c->address, c->end, true, found);
}

static void spare(uintptr_t start, uintptr_t end)
{
    if (start < end && search.spared_count < search.spared_room)
        search.spared[search.spared_count++] = (struct chunk_range){start, end};
}

/*
 * The calling thread's stack below the snapshot's call: what earlier calls have left, and if the copy
 * runs there, what its own calls write.
 */
static void spare_stack(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), start, end;
    uintptr_t stack = search.snapshot->stack;
    photocopy_stack(&start, &end);
    spare(start, end);
    uint32_t mapping = resident_mapping_of(stack);
    if (!stack || mapping == UINT32_MAX)
        return;
    const struct resident_mapping *m = &resident.mappings[mapping];
    if (m->place == PLACE_STACK)
        spare(m->start, stack);
    else if (here >= m->start && here < stack)
        spare(here - m->start > OWN_FRAMES ? here - OWN_FRAMES : m->start, stack);
}

static void list_spared(void)
{
    uint32_t own = memory_range_count();
    search.spared_room = chunks_range_count() + managed.count + own + 4;
    search.spared = snapshot_reserve(search.snapshot, search.spared_room * sizeof *search.spared);
    for (uint32_t i = 0; i < chunks_range_count(); i++)
        spare(chunks_range(i).start, chunks_range(i).end);
    for (uint32_t i = 0; i < managed.count; i++)
        spare(managed.ranges[i].start, managed.ranges[i].end);
    for (uint32_t i = 0; i < own; i++) {
        uintptr_t start;
        size_t size;
        if (memory_range(i, &start, &size))
            spare(start, start + size);
    }
    spare_stack();
    sort_by_address(search.spared, search.spared_count, sizeof *search.spared);
}

/* Whether what a mapping holds may be an address: what nobody can have written is none. */
static bool may_lead(const struct resident_mapping *m)
{
    return m->readable && m->place != PLACE_KERNEL && (m->private || m->writable);
}

static void search_mappings(void)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < resident.count && !late(); i++) {
        const struct resident_mapping *m = &resident.mappings[i];
        uintptr_t at = may_lead(m) ? m->start : m->end;
        search.file = m->file != 0;
        while (at < m->end) {
            while (next < search.spared_count && search.spared[next].end <= at)
                next++;
            const struct chunk_range *r = &search.spared[next];
            bool inside = next < search.spared_count && r->start < m->end;
            if (inside && r->start <= at) {
                at = r->end;
                continue;
            }
            uintptr_t end = inside ? r->start : m->end;
            scan_touched(at, end, m->private, reach);
            at = end;
        }
    }
    search.file = false;
}

static const struct unreached_runtime *runtime;

static void reach_also_by_number(uint64_t word)
{
    reach(word);
    uintptr_t address = runtime->number(word);
    if (address)
        reach(address);
}

static void search_blocks(uintptr_t start, uintptr_t end)
{
    static uint32_t count;
    if (search.status == OURO_UNREACHED_KNOWN && (++count % CHECKED_EVERY || !late()))
        scan(start, end, reach_also_by_number);
}

/* Any of them may be where it cannot be read. */
static void reach_objects(void)
{
    struct snapshot *snapshot = search.snapshot;
    for (volatile uint32_t i = 0; i < search.count; i++) {
        const struct chunk *chunk = chunks_get(i);
        if (sigsetjmp(snapshot->recover, 0)) {
            snapshot->guarded = 0;
            continue;
        }
        snapshot->guarded = 1;
        if (!search.reached[i] && runtime->is_object(chunk->address, chunk->end - chunk->address))
            reach(chunk->address);
        snapshot->guarded = 0;
    }
}

static void search_runtime(void)
{
    if (runtime->each) {
        runtime->each(search_blocks);
        reach_objects();
    }
    struct live_walk walk;
    struct live_block life;
    uintptr_t block;
    uint32_t count = 0;
    live_walk_begin(&walk);
    while (live_walk_next(&walk, &block, &life) && (++count % CHECKED_EVERY || !late()))
        scan(block, block + site_tree_block_size(&life), reach_also_by_number);
    live_walk_end(&walk);
}

static void search_reached(void)
{
    for (uint32_t done = 0; done < search.queued; done++) {
        if (done % CHECKED_EVERY == 0 && late())
            return;
        scan_block(search.queue[done], runtime->each ? reach_also_by_number : reach);
    }
}

/* What is written of the blocks, and of which leads to which. */
static struct {
    struct payload blocks, edges, out;
    uint32_t first, count, edge_count; /* of the present chunk: index of its first block … */
    uint32_t from;                     /* likewise: of the last edge */
    uintptr_t address;                 /* of the last block */
    uint32_t *index;                   /* of each block that is written, its index + 1 */
    uint32_t *last_from;               /* who led to it last, index + 1 */
    uint32_t source;                   /* whose edges are looked for */
} list;

static void flush(void)
{
    payload_varint(&list.out, list.first);
    payload_varint(&list.out, list.count);
    payload_bytes(&list.out, list.blocks.data, list.blocks.size);
    payload_varint(&list.out, list.edge_count);
    payload_bytes(&list.out, list.edges.data, list.edges.size);
    list.out.overflow = list.out.overflow || list.blocks.overflow || list.edges.overflow;
    snapshot_append(search.snapshot, OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS, &list.out);
    payload_clear(&list.blocks);
    payload_clear(&list.edges);
    list.first += list.count;
    list.count = list.edge_count = list.from = 0;
    list.address = 0;
}

static void put_block(uint32_t number)
{
    const struct chunk *chunk = chunks_get(number);
    uint64_t asked = 0;
    uint32_t stack = 0;
    if (!native_find(chunk->address, &asked, &stack) || asked > chunk_size(chunk))
        stack = 0;
    payload_varint(&list.blocks, chunk->address - list.address);
    payload_varint(&list.blocks, chunk_size(chunk));
    payload_varint(&list.blocks, stack);
    if (stack)
        payload_varint(&list.blocks, asked);
    list.address = chunk->address;
    list.index[number] = list.first + ++list.count;
    if (list.blocks.size > CHUNK_BYTES)
        flush();
}

static void put_edge(uint64_t word)
{
    uint32_t chunk = block_of(word), target = chunk == NONE ? 0 : list.index[chunk];
    if (!target || target == list.source || list.last_from[chunk] == list.source)
        return;
    list.last_from[chunk] = list.source;
    payload_varint(&list.edges, list.source - 1 - list.from);
    payload_varint(&list.edges, target - 1);
    list.from = list.source - 1;
    list.edge_count++;
    if (list.edges.size > CHUNK_BYTES)
        flush();
}

static void write_blocks(void)
{
    struct snapshot *s = search.snapshot;
    uint32_t written = 0;
    if (!payload_create(&list.blocks, 2 * (size_t)CHUNK_BYTES) ||
        !payload_create(&list.edges, 2 * (size_t)CHUNK_BYTES) ||
        !payload_create(&list.out, 5 * (size_t)CHUNK_BYTES))
        snapshot_out_of_memory(s);
    list.index = snapshot_reserve(s, search.count * sizeof *list.index);
    list.last_from = snapshot_reserve(s, search.count * sizeof *list.last_from);
    for (uint32_t i = 0; i < search.count && written < BLOCKS_MOST; i++)
        if (!search.reached[i]) {
            put_block(i);
            written++;
        }
    for (uint32_t i = 0; i < search.count; i++)
        if (list.index[i]) {
            list.source = list.index[i];
            scan_block(i, put_edge);
        }
    if (list.count || list.edge_count)
        flush();
}

static void write_totals(uint32_t threads)
{
    struct payload out;
    uint64_t bytes = 0, unreached = 0, unreached_bytes = 0;
    if (!payload_create(&out, 4096))
        snapshot_out_of_memory(search.snapshot);
    for (uint32_t i = 0; i < search.count; i++) {
        uint64_t size = chunk_size(chunks_get(i));
        bool counts = search.status == OURO_UNREACHED_KNOWN && !search.reached[i];
        bytes += size;
        unreached += counts;
        unreached_bytes += counts ? size : 0;
    }
    payload_varint(&out, search.status);
    payload_varint(&out, threads);
    payload_varint(&out, search.count);
    payload_varint(&out, bytes);
    payload_varint(&out, unreached);
    payload_varint(&out, unreached_bytes);
    snapshot_append(search.snapshot, OURO_CHUNK_SNAPSHOT_UNREACHED, &out);
    memory_release(out.data, out.capacity);
}

void unreached_write(struct snapshot *snapshot, const struct unreached_runtime *of)
{
    uint32_t threads = resident.others;
    /* The copy's own list: what threads have mapped since the process was measured is in it, too. */
    if (!chunks_count() || !resident.measured || !resident_list())
        return;
    search.snapshot = snapshot;
    search.count = chunks_count();
    search.reached = snapshot_reserve(snapshot, search.count);
    search.queue = snapshot_reserve(snapshot, search.count * sizeof *search.queue);
    search.deadline = snapshot->started + options.snapshot_seconds * 1000000000u / 2;
    runtime = of;
    if (resident.count == RESIDENT_MAPPINGS) /* there may be more */
        search.status = OURO_UNREACHED_UNREADABLE;
    list_spared();
    search_mappings();
    search_runtime();
    search_reached();
    snapshot_write_objects(snapshot);
    write_totals(threads);
    search.deadline = UINT64_MAX; /* what leads to what is told of all blocks or of none */
    if (search.status == OURO_UNREACHED_KNOWN)
        write_blocks();
}
