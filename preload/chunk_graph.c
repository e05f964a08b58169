/* SPDX-License-Identifier: MIT */
#include "chunk_graph.h"

#include <string.h>

#include "memory.h"
#include "resident_state.h"
#include "snapshot_stream.h"
#include "touched.h"

#define WORD 8u
#define NOBODY UINT32_MAX
#define ALL_AT_ONCE (1u << 20) /* bytes that are read without asking which pages are there */
#define NEAR 128u              /* bytes behind a block's start */

enum chunk_state {
    FREE_STANDING, /* nothing leads there, as far as was looked */
    EXCLUDED,
    COMMON, /* variables lead there */
    OWNED,  /* an object has its address, or a block that is owned leads there */
};

/* From block to block, in the order of what they come from. */
struct chunk_edge {
    uint32_t from, to;
    bool start;
};

static struct {
    struct snapshot *snapshot;
    uint32_t count; /* of blocks */
    uint8_t *state; /* enum chunk_state */
    bool *led_to;   /* something has the address of the block's start */
    struct chunk_holds holds;
    size_t hold_room, edge_room;
    uint32_t *queue, queued; /* owned blocks, in the order they were come upon */
    uint32_t searched;       /* of these */
    struct chunk_edge *edges;
    uint64_t edge_count;
    uint32_t *last_edge; /* to each block: its number + 1 */
    uint32_t *merged;    /* the block that stands for it in the snapshot */
    uint32_t *index;     /* of such a one, its object index */
    uint32_t *type;
    uint32_t
        shared_type;    /* of what no object has the address of, or objects of several types have */
    uint32_t next_held; /* hold to write next */
} graph;

bool chunk_graph_begin(struct snapshot *snapshot)
{
    memset(&graph, 0, sizeof graph);
    if (!chunks_count())
        return false;
    size_t count = chunks_count(), objects = snapshot_limit(snapshot);
    graph.snapshot = snapshot;
    graph.count = (uint32_t)count;
    graph.state = snapshot_reserve(snapshot, count);
    graph.led_to = snapshot_reserve(snapshot, count);
    graph.queue = snapshot_reserve(snapshot, count * sizeof *graph.queue);
    graph.last_edge = snapshot_reserve(snapshot, count * sizeof *graph.last_edge);
    graph.merged = snapshot_reserve(snapshot, count * sizeof *graph.merged);
    graph.index = snapshot_reserve(snapshot, count * sizeof *graph.index);
    graph.type = snapshot_reserve(snapshot, count * sizeof *graph.type);
    graph.hold_room = 2 * (count + objects / 8);
    graph.edge_room = 8 * count + 1024 < UINT32_MAX ? 8 * count + 1024 : UINT32_MAX - 1;
    graph.holds.hold = snapshot_reserve(snapshot, graph.hold_room * sizeof *graph.holds.hold);
    graph.edges = snapshot_reserve(snapshot, graph.edge_room * sizeof *graph.edges);
    return true;
}

void chunk_graph_drop(void)
{
    memset(&graph, 0, sizeof graph);
}

void chunk_graph_exclude(uintptr_t address)
{
    uint32_t chunk = graph.count ? chunks_holding(address) : NOBODY;
    if (chunk != NOBODY)
        graph.state[chunk] = EXCLUDED;
}

/* The block that a word leads to, NOBODY: none. */
static uint32_t chunk_near(uintptr_t word, bool *start)
{
    uint32_t chunk = word < RESIDENT_PAGE ? NOBODY : chunks_holding(word);
    if (chunk == NOBODY || word - chunks_get(chunk)->address >= NEAR)
        return NOBODY;
    *start = chunks_get(chunk)->address == word;
    return chunk;
}

bool chunk_graph_hold(uint32_t object, uintptr_t word)
{
    struct chunk_holds *h = &graph.holds;
    bool start;
    uint32_t chunk = chunk_near(word, &start);
    if (chunk == NOBODY)
        return false;
    if (graph.state[chunk] == EXCLUDED || h->count == graph.hold_room)
        return true;
    for (uint32_t i = h->count; i && h->hold[i - 1].object == object && h->count - i < 64; i--)
        if (h->hold[i - 1].chunk == chunk) {
            h->hold[i - 1].start = h->hold[i - 1].start || start;
            return true;
        }
    h->hold[h->count++] = (struct chunk_hold){.object = object, .chunk = chunk, .start = start};
    return true;
}

struct chunk_holds *chunk_graph_holds(struct snapshot *snapshot)
{
    struct chunk_holds *h = &graph.holds;
    h->first = snapshot_reserve(snapshot, ((size_t)graph.count + 2) * sizeof *h->first);
    h->of = snapshot_reserve(snapshot, ((size_t)h->count + 1) * sizeof *h->of);
    for (uint32_t i = 0; i < h->count; i++) {
        h->first[h->hold[i].chunk + 2]++;
        graph.led_to[h->hold[i].chunk] |= h->hold[i].start;
    }
    for (uint32_t c = 1; c <= graph.count; c++)
        h->first[c + 1] += h->first[c];
    for (uint32_t i = 0; i < h->count; i++) {
        h->of[h->first[h->hold[i].chunk + 1]++] = i;
        h->hold[i].dropped = !h->hold[i].start && graph.led_to[h->hold[i].chunk];
    }
    return h;
}

/* Calls found for each word of a range that lies in a block. */
static void scan_words(uintptr_t start, uintptr_t end, void (*found)(uint32_t chunk, bool start))
{
    for (uintptr_t at = (start + WORD - 1) & ~(uintptr_t)(WORD - 1); at + WORD <= end; at += WORD) {
        uintptr_t word;
        memcpy(&word, (const void *)at, sizeof word);
        bool is_start;
        uint32_t chunk = chunk_near(word, &is_start);
        if (chunk != NOBODY)
            found(chunk, is_start);
    }
}

/* The same of a large range, but only pages that hold something. */
static void scan_pages(uintptr_t start, uintptr_t end, void (*found)(uint32_t chunk, bool start))
{
    struct touched_walk walk = touched_begin(start, end, true);
    uintptr_t from, to;
    while (touched_next(&walk, &from, &to))
        scan_words(from, to, found);
}

/* Of a range that cannot be read to its end the rest has nothing; other ranges are not concerned. */
static void scan(uintptr_t start, uintptr_t end, void (*found)(uint32_t chunk, bool start))
{
    struct snapshot *snapshot = graph.snapshot;
    if (sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 0;
        return;
    }
    snapshot->guarded = 1;
    (end - start < ALL_AT_ONCE ? scan_words : scan_pages)(start, end, found);
    snapshot->guarded = 0;
}

static void scan_chunk(uint32_t chunk, void (*found)(uint32_t chunk, bool start))
{
    const struct chunk *c = chunks_get(chunk);
    scan(c->address, c->end, found);
}

static void common(uint32_t chunk, bool start)
{
    /* An address within a block may be left over from what was there before. */
    if (!start || graph.state[chunk] != FREE_STANDING)
        return;
    graph.state[chunk] = COMMON;
    graph.queue[graph.queued++] = chunk;
}

/* Where variables end: what the recorder has reserved right behind them is in the same mapping. */
static uintptr_t data_end(const struct resident_mapping *m)
{
    uintptr_t end = m->end, start;
    size_t size;
    for (uint32_t i = 0; i < memory_range_count(); i++)
        if (memory_range(i, &start, &size) && start >= m->start && start < end)
            end = start;
    return end;
}

/* Variables; a block that begins right behind them is in the same mapping, and is none. */
static void scan_data(const struct resident_mapping *m)
{
    uintptr_t at = m->start, data = m->place == PLACE_AFTER_FILE ? data_end(m) : m->end;
    while (at < data) {
        uint32_t next = chunks_after(at);
        const struct chunk *chunk = next < chunks_count() ? chunks_get(next) : NULL;
        uintptr_t end = chunk && chunk->address < data ? chunk->address : data;
        scan(at, end, common);
        at = end == data ? end : chunk->end;
    }
}

/* What variables lead to, but not past what an object has the address of. */
static void mark_common(void)
{
    uint32_t done = 0;
    graph.queued = 0;
    for (uint32_t i = 0; i < resident.count; i++) {
        const struct resident_mapping *m = &resident.mappings[i];
        bool data = (m->place == PLACE_FILE || m->place == PLACE_AFTER_FILE) && m->readable &&
                    m->writable && m->private && m->file && m->file != resident.own_file;
        if (data)
            scan_data(m);
        for (; done < graph.queued; done++)
            scan_chunk(graph.queue[done], common);
    }
    graph.queued = 0;
}

static uint32_t scanned; /* whose references are looked for */

static void below(uint32_t chunk, bool start)
{
    if (chunk == scanned || graph.state[chunk] == EXCLUDED || graph.state[chunk] == COMMON)
        return;
    graph.led_to[chunk] |= start;
    /* The first way to it always counts: whatever holds it stands before it in the queue. */
    if (graph.state[chunk] == FREE_STANDING) {
        start = true;
        graph.state[chunk] = OWNED;
        graph.type[chunk] = graph.shared_type;
        graph.queue[graph.queued++] = chunk;
    }
    uint32_t last = graph.last_edge[chunk];
    if (last && graph.edges[last - 1].from == scanned) { /* the same once more */
        graph.edges[last - 1].start |= start;
    } else if (graph.edge_count < graph.edge_room) {
        graph.edges[graph.edge_count++] = (struct chunk_edge){scanned, chunk, start};
        graph.last_edge[chunk] = (uint32_t)graph.edge_count;
    }
}

static bool edge_holds(const struct chunk_edge *edge)
{
    return edge->start || !graph.led_to[edge->to];
}

/*
 * A block that one object alone holds is one with the others of that kind; one that only one other
 * leads to is one with that: they die together.
 */
static void merge(struct snapshot *snapshot)
{
    struct chunk_holds *h = &graph.holds;
    uint32_t *ways = snapshot_reserve(snapshot, (size_t)graph.count * sizeof *ways);
    uint32_t *only = graph.last_edge; /* the last block that leads there; not needed any more */
    for (uint32_t i = 0; i < h->count; i++)
        ways[h->hold[i].chunk] += !h->hold[i].dropped;
    memset(only, 0xff, (size_t)graph.count * sizeof *only);
    for (uint64_t e = 0; e < graph.edge_count; e++)
        if (edge_holds(&graph.edges[e])) {
            ways[graph.edges[e].to]++;
            only[graph.edges[e].to] = graph.edges[e].from;
        }
    for (uint32_t i = 0; i < graph.queued; i++)
        graph.merged[graph.queue[i]] = graph.queue[i];
    uint32_t first = NOBODY, object = NOBODY;
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t chunk = h->hold[i].chunk;
        if (h->hold[i].dropped || ways[chunk] != 1)
            continue;
        if (h->hold[i].object != object)
            first = chunk;
        else
            graph.merged[chunk] = first;
        object = h->hold[i].object;
    }
    for (uint32_t i = 0; i < graph.queued; i++) { /* who leads there stands before it */
        uint32_t chunk = graph.queue[i];
        if (ways[chunk] == 1 && only[chunk] != NOBODY)
            graph.merged[chunk] = graph.merged[only[chunk]];
    }
    memory_release(ways, (size_t)graph.count * sizeof *ways);
}

static void mark_below(void)
{
    for (; graph.searched < graph.queued; graph.searched++) {
        scanned = graph.queue[graph.searched];
        scan_chunk(scanned, below);
    }
}

/*
 * Queues what objects have the address of. Where that is not the start's it counts only if nothing else
 * was found to lead there.
 */
static void queue_held(bool start)
{
    struct chunk_holds *h = &graph.holds;
    for (uint32_t i = 0; i < h->count; i++) {
        struct chunk_hold *hold = &h->hold[i];
        uint32_t chunk = hold->chunk;
        if (hold->dropped || hold->start != start)
            continue;
        if (!start && (graph.led_to[chunk] || graph.state[chunk] == COMMON)) {
            hold->dropped = true;
            continue;
        }
        if (!graph.type[chunk])
            graph.queue[graph.queued++] = chunk;
        graph.state[chunk] = OWNED;
        graph.type[chunk] =
            !graph.type[chunk] || graph.type[chunk] == hold->type ? hold->type : graph.shared_type;
    }
}

void chunk_graph_own(struct snapshot *snapshot, uint32_t shared_type)
{
    struct chunk_holds *h = &graph.holds;
    graph.shared_type = shared_type;
    for (uint32_t i = 0; i < h->count; i++)
        if (!h->hold[i].dropped && h->hold[i].start)
            graph.state[h->hold[i].chunk] = OWNED;
    mark_common();
    queue_held(true);
    mark_below();
    queue_held(false);
    mark_below();
    merge(snapshot);
    uint64_t next = snapshot_count(snapshot);
    if (next + graph.queued >= snapshot_limit(snapshot)) {
        chunk_graph_drop();
        return;
    }
    for (uint32_t i = 0; i < graph.queued; i++)
        if (graph.merged[graph.queue[i]] == graph.queue[i])
            graph.index[graph.queue[i]] = (uint32_t)next++;
}

void chunk_graph_write_held(struct snapshot *snapshot, uint32_t object)
{
    struct chunk_holds *h = &graph.holds;
    for (; graph.next_held < h->count && h->hold[graph.next_held].object <= object;
         graph.next_held++) {
        const struct chunk_hold *hold = &h->hold[graph.next_held];
        if (!hold->dropped && graph.merged[hold->chunk] == hold->chunk)
            snapshot_found(snapshot, hold->object, graph.index[hold->chunk], hold->label);
    }
}

/* The references from what is written to what is written: of the n-th those from first[n] on. */
struct written {
    uint32_t *first, *target, *count; /* count: of references to each */
    uint64_t *size;
};

static void gather(struct snapshot *snapshot, struct written *w)
{
    struct chunk_holds *h = &graph.holds;
    size_t blocks = (size_t)graph.count + 2;
    w->first = snapshot_reserve(snapshot, blocks * sizeof *w->first);
    w->count = snapshot_reserve(snapshot, blocks * sizeof *w->count);
    w->size = snapshot_reserve(snapshot, blocks * sizeof *w->size);
    w->target = snapshot_reserve(snapshot, (graph.edge_count + 1) * sizeof *w->target);
    for (uint32_t i = 0; i < graph.queued; i++)
        w->size[graph.merged[graph.queue[i]]] += chunk_size(chunks_get(graph.queue[i]));
    for (uint32_t i = 0; i < h->count; i++)
        w->count[h->hold[i].chunk] +=
            !h->hold[i].dropped && graph.merged[h->hold[i].chunk] == h->hold[i].chunk;
    uint64_t kept = 0;
    for (uint64_t e = 0; e < graph.edge_count; e++) {
        struct chunk_edge edge = graph.edges[e];
        uint32_t from = graph.merged[edge.from], to = graph.merged[edge.to];
        if (!edge_holds(&edge) || from == to)
            continue;
        graph.edges[kept++] = (struct chunk_edge){from, to, true};
        w->first[from + 2]++;
        w->count[to]++;
    }
    graph.edge_count = kept;
    for (uint32_t c = 1; c <= graph.count; c++)
        w->first[c + 1] += w->first[c];
    for (uint64_t e = 0; e < kept; e++)
        w->target[w->first[graph.edges[e].from + 1]++] = graph.edges[e].to;
}

void chunk_graph_write(struct snapshot *snapshot)
{
    struct written w;
    if (!graph.queued)
        return;
    gather(snapshot, &w);
    struct snapshot_edge *edges =
        snapshot_reserve(snapshot, (graph.edge_count + 1) * sizeof *edges);
    for (uint32_t i = 0; i < graph.queued; i++) {
        uint32_t chunk = graph.queue[i];
        if (graph.merged[chunk] != chunk)
            continue;
        size_t count = 0;
        for (uint32_t e = w.first[chunk]; e < w.first[chunk + 1]; e++)
            edges[count++] = (struct snapshot_edge){graph.index[w.target[e]],
                                                    OURO_LABEL_NONE | OURO_LABEL_HIDDEN};
        struct snapshot_object object = {
            .address = chunks_get(chunk)->address,
            .type = graph.type[chunk],
            .size = w.size[chunk],
            .refcount = w.count[chunk],
        };
        snapshot_object(snapshot, &object, edges, count);
    }
}
