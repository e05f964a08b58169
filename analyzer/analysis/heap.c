/* SPDX-License-Identifier: MIT */
#include "analysis/heap.h"

#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"
#include "structure/worklist.h"

static uint64_t heap_bytes(const struct snapshot *snapshot, uint32_t object)
{
    return snapshot->flags[object] & OURO_OBJECT_STATIC ? 0 : object_size(snapshot, object);
}

static int type_compare(const void *left, const void *right)
{
    const struct heap_type *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return strcmp(a->type, b->type);
}

static int types_count(const struct snapshot *snapshot, const struct type_order *order,
                       struct heap *heap)
{
    heap->types = calloc((size_t)order->count + 1, sizeof *heap->types);
    if (!heap->types)
        return -1;
    for (uint32_t t = 0; t < order->count; t++)
        heap->types[t].type = order->name[t];
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        struct heap_type *type = &heap->types[order->rank[snapshot->type[o]]];
        bool tracked = snapshot->flags[o] & OURO_OBJECT_TRACKED;
        type->count++;
        type->bytes += heap_bytes(snapshot, o);
        type->tracked += tracked;
        heap->bytes += heap_bytes(snapshot, o);
        heap->native += object_is_native(snapshot, o) ? heap_bytes(snapshot, o) : 0;
        heap->tracked += tracked;
    }
    for (uint32_t t = 0; t < order->count; t++) {
        if (heap->types[t].count)
            heap->types[heap->type_count++] = heap->types[t];
    }
    qsort(heap->types, heap->type_count, sizeof *heap->types, type_compare);
    return 0;
}

/* Bytes that can be reached from what holds itself or has a name. */
static int covered_count(const struct snapshot *snapshot, const struct garbage *garbage,
                         uint64_t *covered)
{
    const uint32_t held = OURO_OBJECT_IMMORTAL | OURO_OBJECT_STATIC | OURO_OBJECT_INTERNED;
    struct worklist list = {0};
    int status = -1;
    uint8_t *mark = calloc((size_t)snapshot->object_count + 1, 1);
    if (!mark)
        goto out;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        mark[o] = (snapshot->flags[o] & held) || garbage->class[o] != CLASS_LIVE;
        if (mark[o] && !worklist_push(&list, o))
            goto out;
    }
    for (uint32_t r = 0; r < snapshot->root_count; r++) {
        uint32_t o = snapshot->roots[r].target;
        if (!mark[o] && !worklist_push(&list, o))
            goto out;
        mark[o] = 1;
    }
    while (list.count) {
        uint32_t o = list.items[--list.count];
        *covered += heap_bytes(snapshot, o);
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t target = snapshot->edge_target[e];
            if (mark[target] || !edge_counts(snapshot->edge_label[e], VIEW_STRONG))
                continue;
            mark[target] = 1;
            if (!worklist_push(&list, target))
                goto out;
        }
    }
    status = 0;
out:
    free(mark);
    worklist_free(&list);
    return status;
}

int heap_measure(const struct snapshot *snapshot, const struct type_order *order,
                 const struct garbage *garbage, struct heap *heap)
{
    uint64_t covered = 0;
    *heap = (struct heap){.objects = snapshot->object_count, .edges = snapshot->edge_count};
    if (types_count(snapshot, order, heap) < 0 || covered_count(snapshot, garbage, &covered) < 0)
        return -1;
    heap->coverage = heap->bytes ? (double)covered / (double)heap->bytes : 1;
    return 0;
}

void heap_free(struct heap *heap)
{
    free(heap->types);
    *heap = (struct heap){0};
}
