/* SPDX-License-Identifier: MIT */
#include "analysis/native_leaks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/scc.h"

/* A leak, or the part of it that a sampled block stands for, before it is grouped. */
struct part {
    uint32_t component;
    uint32_t stack, order;   /* and that of the stack */
    struct native_leak leak; /* what it is grouped by; figures are summed up in those below */
    double count, blocks, bytes, below_blocks, below_bytes;
};

struct work {
    const struct process *process;
    const struct unreached *unreached;
    struct symbols *symbols;
    struct csr graph;
    struct scc scc;
    uint32_t *head;         /* component → the component that it lies below, or itself */
    uint64_t *below_blocks; /* component → blocks below it, not its own */
    uint64_t *below_bytes;
    struct part *parts;
    uint32_t count;
    struct ordered *stacks; /* of the parts, each once */
    uint32_t stack_count;
    uint32_t *place; /* stack → where it is among these */
};

/* A stack, 0: not known, and the frames that it is shown and grouped by. */
struct ordered {
    uint32_t stack, order; /* equal ones have the same order */
    struct native_site site;
};

static int build_graph(struct work *w)
{
    const struct unreached *u = w->unreached;
    w->graph.nodes = u->count;
    w->graph.first = calloc((size_t)u->count + 1, sizeof *w->graph.first);
    w->graph.target = malloc(((size_t)u->lead_count + 1) * sizeof *w->graph.target);
    if (!w->graph.first || !w->graph.target)
        return -1;
    for (uint32_t i = 0; i < u->lead_count; i++) {
        w->graph.first[u->leads[i].from + 1]++;
        w->graph.target[i] = u->leads[i].to;
    }
    for (uint32_t i = 0; i < u->count; i++)
        w->graph.first[i + 1] += w->graph.first[i];
    return scc_find(&w->graph, &w->scc);
}

/*
 * What leads to a component has a higher number. So, from the highest down, who leads to one is known
 * before it is come to; what several lead to lies below the first of them.
 */
static int find_heads(struct work *w)
{
    const struct scc *scc = &w->scc;
    w->head = malloc(((size_t)scc->count + 1) * sizeof *w->head);
    w->below_blocks = calloc((size_t)scc->count + 1, sizeof *w->below_blocks);
    w->below_bytes = calloc((size_t)scc->count + 1, sizeof *w->below_bytes);
    if (!w->head || !w->below_blocks || !w->below_bytes)
        return -1;
    for (uint32_t c = 0; c < scc->count; c++)
        w->head[c] = NO_ID;
    for (uint32_t c = scc->count; c--;) {
        if (w->head[c] == NO_ID)
            w->head[c] = c;
        for (uint32_t m = scc->first[c]; m < scc->first[c + 1]; m++) {
            uint32_t block = scc->member[m];
            if (w->head[c] != c) {
                w->below_blocks[w->head[c]]++;
                w->below_bytes[w->head[c]] += w->unreached->list[block].size;
            }
            for (uint32_t e = w->graph.first[block]; e < w->graph.first[block + 1]; e++) {
                uint32_t target = scc->component[w->graph.target[e]];
                if (w->head[target] == NO_ID)
                    w->head[target] = w->head[c];
            }
        }
    }
    return 0;
}

/* How many blocks a sampled one stands for. */
static double weight_of(const struct process *process, uint64_t asked)
{
    double mean = (double)process->native_sample;
    return mean <= 1 ? 1 : 1 / -expm1(-(double)(asked ? asked : 1) / mean);
}

/* Adds a leak, or as much of it as a block of it stands for. */
static void add(struct work *w, uint32_t component, uint32_t stack, double weight)
{
    const struct scc *scc = &w->scc;
    uint32_t blocks = scc->first[component + 1] - scc->first[component];
    uint64_t bytes = 0;
    struct part part = {
        .component = component, .stack = stack, .leak = {.cycle = blocks > 1 ? blocks : 0}};
    for (uint32_t m = scc->first[component]; m < scc->first[component + 1]; m++)
        bytes += w->unreached->list[scc->member[m]].size;
    if (!stack && blocks == 1)
        part.leak.block_size = bytes;
    part.count = weight;
    part.blocks = weight * blocks;
    part.bytes = weight * (double)bytes;
    part.below_blocks = weight * (double)w->below_blocks[component];
    part.below_bytes = weight * (double)w->below_bytes[component];
    w->parts[w->count++] = part;
}

/* The stack of a block, 0: not known. */
static uint32_t stack_of(const struct work *w, uint32_t block)
{
    uint32_t stack = w->unreached->list[block].stack;
    return stack <= w->process->native_count ? stack : 0;
}

/* Of a cycle any block may be sampled; each then stands for its share. Else the stack made first counts. */
static int add_parts(struct work *w)
{
    const struct scc *scc = &w->scc;
    bool sampled = w->process->native_sample > 1;
    w->parts = calloc((size_t)w->unreached->count + 1, sizeof *w->parts);
    if (!w->parts)
        return -1;
    for (uint32_t c = 0; c < scc->count; c++) {
        uint32_t members = scc->first[c + 1] - scc->first[c], stack = 0;
        for (uint32_t m = scc->first[c]; w->head[c] == c && m < scc->first[c + 1]; m++) {
            uint32_t block = scc->member[m], own = stack_of(w, block);
            uint64_t asked = w->unreached->list[block].asked;
            stack = own && (!stack || own < stack) ? own : stack;
            if (sampled && own)
                add(w, c, own, weight_of(w->process, asked) / members);
        }
        if (!sampled && w->head[c] == c)
            add(w, c, stack, 1);
    }
    return 0;
}

static int by_frames(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    return native_stack_compare(&x->site, &y->site);
}

/*
 * Compares the stacks with each other, once: blocks may be many, of few deep stacks. Parts are compared
 * by what comes of it.
 */
static int order_stacks(struct work *w)
{
    size_t room = (size_t)w->process->native_count + 1;
    bool *seen = calloc(room, sizeof *seen);
    w->place = calloc(room, sizeof *w->place);
    w->stacks = calloc(room, sizeof *w->stacks);
    bool ok = seen && w->place && w->stacks;
    for (uint32_t i = 0; ok && i < w->count; i++) {
        struct ordered *next = &w->stacks[w->stack_count];
        uint32_t stack = w->parts[i].stack;
        if (seen[stack])
            continue;
        seen[stack] = true;
        next->stack = stack;
        ok = !stack || native_site_of(w->process, w->symbols, stack - 1, &next->site) == 0;
        w->stack_count++;
    }
    free(seen);
    if (!ok)
        return -1;
    if (w->stack_count)
        qsort(w->stacks, w->stack_count, sizeof *w->stacks, by_frames);
    for (uint32_t i = 0; i < w->stack_count; i++) {
        struct ordered *o = &w->stacks[i];
        o->order = i ? o[-1].order + (by_frames(&o[-1], o) != 0) : 0;
        w->place[o->stack] = i;
    }
    for (uint32_t i = 0; i < w->count; i++)
        w->parts[i].order = w->stacks[w->place[w->parts[i].stack]].order;
    return 0;
}

static int compare_keys(const struct part *x, const struct part *y)
{
    if (x->leak.cycle != y->leak.cycle)
        return x->leak.cycle < y->leak.cycle ? -1 : 1;
    if (x->leak.block_size != y->leak.block_size)
        return x->leak.block_size < y->leak.block_size ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_key(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    int order = compare_keys(x, y);
    return order ? order : x->component < y->component ? -1 : x->component > y->component;
}

static int by_bytes(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    uint64_t left = x->leak.bytes + x->leak.below_bytes,
             right = y->leak.bytes + y->leak.below_bytes;
    if (left != right)
        return left > right ? -1 : 1;
    return compare_keys(x, y);
}

static uint64_t whole(double figure)
{
    return figure < 1e18 ? (uint64_t)(figure + 0.5) : (uint64_t)1e18;
}

static void gather(struct work *w)
{
    uint32_t kept = 0;
    if (w->count)
        qsort(w->parts, w->count, sizeof *w->parts, by_key);
    for (uint32_t i = 0; i < w->count; i++) {
        const struct part *from = &w->parts[i];
        struct part *to = kept ? &w->parts[kept - 1] : NULL;
        if (!to || compare_keys(to, from) != 0) {
            w->parts[kept++] = *from;
            continue;
        }
        to->count += from->count;
        to->blocks += from->blocks;
        to->bytes += from->bytes;
        to->below_blocks += from->below_blocks;
        to->below_bytes += from->below_bytes;
    }
    w->count = kept;
    for (uint32_t i = 0; i < kept; i++) {
        struct part *p = &w->parts[i];
        const struct native_site *site = &w->stacks[w->place[p->stack]].site;
        p->leak.site = site->site;
        p->leak.addresses = site->addresses;
        p->leak.frames = site->count;
        p->leak.count = whole(p->count);
        p->leak.blocks = whole(p->blocks);
        p->leak.bytes = whole(p->bytes);
        p->leak.below_blocks = whole(p->below_blocks);
        p->leak.below_bytes = whole(p->below_bytes);
        p->leak.possible = p->leak.count <= w->unreached->threads;
    }
    if (kept)
        qsort(w->parts, kept, sizeof *w->parts, by_bytes);
}

int native_leaks_find(const struct process *process, const struct snapshot *snapshot,
                      struct symbols *symbols, struct native_leaks *leaks)
{
    struct work w = {.process = process, .symbols = symbols};
    int status = -1;
    *leaks = (struct native_leaks){.estimated = process->native_sample > 1};
    if (!snapshot || !snapshot->unreached.count)
        return 0;
    w.unreached = &snapshot->unreached;
    if (build_graph(&w) < 0 || find_heads(&w) < 0 || add_parts(&w) < 0 || order_stacks(&w) < 0)
        goto out;
    gather(&w);
    leaks->list = malloc(((size_t)w.count + 1) * sizeof *leaks->list);
    if (!leaks->list)
        goto out;
    for (uint32_t i = 0; i < w.count; i++)
        leaks->list[leaks->count++] = w.parts[i].leak;
    status = 0;
out:
    scc_free(&w.scc);
    free(w.graph.first);
    free(w.graph.target);
    free(w.head);
    free(w.below_blocks);
    free(w.below_bytes);
    free(w.parts);
    free(w.stacks);
    free(w.place);
    return status;
}

struct native_site native_leak_site(const struct native_leak *leak)
{
    return (struct native_site){.addresses = leak->addresses,
                                .count = leak->frames,
                                .site = leak->site,
                                .kind = OURO_NATIVE_MALLOC};
}

void native_leaks_free(struct native_leaks *leaks)
{
    free(leaks->list);
    *leaks = (struct native_leaks){0};
}
