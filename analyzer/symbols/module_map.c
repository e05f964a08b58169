/* SPDX-License-Identifier: MIT */
#include "symbols/module_map.h"

#include <stdlib.h>

/* Where a module begins or ends. */
struct edge {
    uint64_t address;
    uint32_t module;
    bool begins;
};

/* Modules that have begun, the first on top; those that have ended are taken out when they come up. */
struct begun {
    uint32_t *heap;
    uint32_t count;
};

static int by_address(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static void swap(uint32_t *x, uint32_t *y)
{
    uint32_t kept = *x;
    *x = *y;
    *y = kept;
}

static void begun_add(struct begun *begun, uint32_t module)
{
    uint32_t at = begun->count++;
    begun->heap[at] = module;
    for (; at && begun->heap[(at - 1) / 2] > begun->heap[at]; at = (at - 1) / 2)
        swap(&begun->heap[at], &begun->heap[(at - 1) / 2]);
}

static void begun_drop(struct begun *begun)
{
    uint32_t at = 0;
    begun->heap[0] = begun->heap[--begun->count];
    for (uint32_t least = 2 * at + 1; least < begun->count; least = 2 * at + 1) {
        if (least + 1 < begun->count && begun->heap[least + 1] < begun->heap[least])
            least++;
        if (begun->heap[at] <= begun->heap[least])
            return;
        swap(&begun->heap[at], &begun->heap[least]);
        at = least;
    }
}

static uint32_t edges_list(const struct module_info *modules, uint32_t count, struct edge *edges)
{
    uint32_t used = 0;
    for (uint32_t m = 0; m < count; m++) {
        if (modules[m].start >= modules[m].end)
            continue;
        edges[used++] = (struct edge){modules[m].start, m, true};
        edges[used++] = (struct edge){modules[m].end, m, false};
    }
    if (used)
        qsort(edges, used, sizeof *edges, by_address);
    return used;
}

bool module_map_make(const struct module_info *modules, uint32_t count, struct module_map *map)
{
    size_t room = 2 * (size_t)count + 1;
    struct edge *edges = calloc(room, sizeof *edges);
    struct begun begun = {.heap = calloc(room, sizeof *begun.heap)};
    *map = (struct module_map){.pieces = calloc(room, sizeof *map->pieces)};
    bool ok = edges && begun.heap && map->pieces;
    uint32_t used = ok ? edges_list(modules, count, edges) : 0;
    for (uint32_t e = 0; e < used; e++) {
        uint64_t address = edges[e].address;
        if (edges[e].begins)
            begun_add(&begun, edges[e].module);
        if (e + 1 < used && edges[e + 1].address == address)
            continue; /* all that happens here, at once */
        while (begun.count && modules[begun.heap[0]].end <= address)
            begun_drop(&begun);
        map->pieces[map->count++] =
            (struct module_piece){address, begun.count ? begun.heap[0] : NO_ID};
    }
    free(edges);
    free(begun.heap);
    if (!ok)
        module_map_free(map);
    return ok;
}

void module_map_free(struct module_map *map)
{
    free(map->pieces);
    *map = (struct module_map){0};
}

uint32_t module_map_find(const struct module_map *map, uint64_t address)
{
    uint32_t low = 0, high = map->count; /* pieces below low begin at the address or before it */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (map->pieces[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? map->pieces[low - 1].module : NO_ID;
}
