/* SPDX-License-Identifier: MIT */
#include "analysis/retained.h"

#include <stdlib.h>
#include <string.h>

#include "structure/worklist.h"

static uint64_t heap_bytes(const struct snapshot *snapshot, uint32_t object)
{
    return snapshot->flags[object] & OURO_OBJECT_STATIC ? 0 : object_size(snapshot, object);
}

const char *retained_by_name(enum retained_by by)
{
    static const char *const name[] = {"object", "type", "module", "site"};
    return name[by];
}

int retained_find(const struct snapshot *snapshot, const struct garbage *garbage,
                  struct retained *retained)
{
    *retained = (struct retained){0};
    if (heap_roots_find(snapshot, garbage->class, &retained->roots) < 0 ||
        dominators_find(snapshot, VIEW_STRONG, retained->roots.object, retained->roots.count,
                        garbage->class, &retained->dominators) < 0)
        return -1;
    retained->bytes = dominators_retained(snapshot, &retained->dominators);
    if (!retained->bytes)
        return -1;
    bool native = false;
    for (uint32_t t = 1; t <= snapshot->type_count; t++)
        native = native || snapshot->types[t].flags & OURO_TYPE_NATIVE;
    if (native)
        retained->native = dominators_retained_native(snapshot, &retained->dominators);
    return native && !retained->native ? -1 : 0;
}

void retained_free(struct retained *retained)
{
    heap_roots_free(&retained->roots);
    dominators_free(&retained->dominators);
    free(retained->bytes);
    free(retained->native);
    *retained = (struct retained){0};
}

/* The first of the entries with most bytes in a list of at most `most`, kept as a heap whose top is
 * the least of them. Objects stand for entries. */
struct best {
    const uint64_t *bytes;
    uint32_t *items, count, most;
};

static bool worse(const struct best *best, uint32_t left, uint32_t right)
{
    if (best->bytes[left] != best->bytes[right])
        return best->bytes[left] < best->bytes[right];
    return left > right;
}

static void best_sink(struct best *best, uint32_t at)
{
    for (;;) {
        uint32_t child = 2 * at + 1, item = best->items[at];
        if (child >= best->count)
            return;
        if (child + 1 < best->count && worse(best, best->items[child + 1], best->items[child]))
            child++;
        if (!worse(best, best->items[child], item))
            return;
        best->items[at] = best->items[child];
        best->items[child] = item;
        at = child;
    }
}

static void best_offer(struct best *best, uint32_t item)
{
    if (best->count < best->most) {
        uint32_t at = best->count++;
        best->items[at] = item;
        for (; at && worse(best, item, best->items[(at - 1) / 2]); at = (at - 1) / 2) {
            best->items[at] = best->items[(at - 1) / 2];
            best->items[(at - 1) / 2] = item;
        }
    } else if (best->most && worse(best, best->items[0], item)) {
        best->items[0] = item;
        best_sink(best, 0);
    }
}

/* Sorts what is left, most bytes first. */
static void best_sort(struct best *best)
{
    uint32_t count = best->count;
    while (best->count > 1) {
        uint32_t least = best->items[0];
        best->items[0] = best->items[--best->count];
        best->items[best->count] = least;
        best_sink(best, 0);
    }
    best->count = count;
}

int retained_objects(const struct snapshot *snapshot, const struct garbage *garbage,
                     const struct retained *retained, uint32_t most, struct arena *arena,
                     struct retained_list *list)
{
    const struct dominators *d = &retained->dominators;
    const uint64_t *bytes = retained->bytes;
    struct root_paths paths = {0};
    int status = -1;
    *list = (struct retained_list){0};
    if (most > d->live)
        most = d->live;
    uint8_t *passage = calloc((size_t)d->nodes + 1, 1);
    struct best best = {bytes, malloc(((size_t)most + 1) * sizeof *best.items), 0, most};
    if (!passage || !best.items ||
        root_paths_build(snapshot, &retained->roots, garbage->class, &paths) < 0)
        goto out;
    for (uint32_t i = 0; i < d->live; i++) {
        uint32_t o = d->order[i], up = d->parent[o];
        if (up < d->nodes && bytes[o] >= bytes[up] - bytes[up] / 10)
            passage[up] = 1;
    }
    uint64_t candidates = 0;
    for (uint32_t i = 0; i < d->live; i++) {
        uint32_t o = d->order[i];
        if (passage[o] || !bytes[o])
            continue;
        candidates++;
        best_offer(&best, o);
    }
    best_sort(&best);
    list->more = candidates - best.count;
    list->entries = arena_alloc(arena, best.count, sizeof *list->entries);
    if (!list->entries)
        goto out;
    for (; list->count < best.count; list->count++) {
        struct retained_entry *entry = &list->entries[list->count];
        uint32_t o = best.items[list->count];
        *entry = (struct retained_entry){.type = snapshot->types[snapshot->type[o]].name,
                                         .object = o,
                                         .objects = 1,
                                         .shallow = heap_bytes(snapshot, o),
                                         .retained = bytes[o],
                                         .native = retained->native ? retained->native[o] : 0};
        if (root_path_find(&paths, o, arena, &entry->path) < 0)
            goto out;
        entry->name = entry->path.name;
    }
    status = 0;
out:
    free(passage);
    free(best.items);
    root_paths_free(&paths);
    return status;
}

/* Object → group, NO_ID for none; and how many groups there can be. */
static uint32_t group_all(const struct snapshot *snapshot, const struct type_order *order,
                          const struct site_table *sites, enum retained_by by, uint32_t *group)
{
    uint32_t objects = snapshot->object_count;
    if (by == RETAINED_BY_TYPE) {
        for (uint32_t o = 0; o < objects; o++)
            group[o] = order->rank[snapshot->type[o]];
        return order->count;
    }
    if (by == RETAINED_BY_SITE) {
        for (uint32_t o = 0; o < objects; o++)
            group[o] = object_is_native(snapshot, o) ? NO_ID /* counts where its owner was made */
                                                     : site_table_of_row(sites, snapshot->row[o]);
        return sites->process->site_count + 1;
    }
    /* A module is the object and its table of names, which functions and frames hold, too. */
    memset(group, 0xff, objects * sizeof *group);
    for (uint32_t r = 0; r < snapshot->root_count; r++) {
        uint32_t module = snapshot->roots[r].target;
        if (snapshot->roots[r].kind != OURO_ROOT_MODULE || group[module] != NO_ID)
            continue;
        group[module] = r;
        for (uint64_t e = snapshot->edge_first[module]; e < snapshot->edge_first[module + 1]; e++) {
            if ((snapshot->edge_label[e] & OURO_LABEL_KIND_MASK) == OURO_LABEL_NAMESPACE)
                group[snapshot->edge_target[e]] = r;
        }
    }
    return snapshot->root_count;
}

struct group_sum {
    uint64_t objects, shallow, retained, native;
    uint32_t open; /* members on the way from the root to where the walk is */
};

/* Walks down the tree of the live. An object stands below its mark on the stack until all that it
 * dominates is done. */
static int groups_walk(const struct snapshot *snapshot, const struct retained *retained,
                       const uint32_t *group, struct group_sum *sums)
{
    const uint32_t leave = NO_ID;
    struct dominated tree = {0};
    struct worklist stack = {0};
    int status = -1;
    uint32_t nodes = retained->dominators.nodes, o = nodes;
    if (dominated_build(&retained->dominators, &tree) < 0)
        goto out;
    for (;;) {
        for (uint32_t i = tree.first[o]; i < tree.first[o + 1]; i++) {
            if (!worklist_push(&stack, tree.object[i]))
                goto out;
        }
        while (stack.count && stack.items[stack.count - 1] == leave) {
            sums[group[stack.items[stack.count - 2]]].open--;
            stack.count -= 2;
        }
        if (!stack.count)
            break;
        o = stack.items[--stack.count];
        if (group[o] == NO_ID)
            continue;
        struct group_sum *sum = &sums[group[o]];
        sum->objects++;
        sum->shallow += heap_bytes(snapshot, o);
        if (!sum->open++) {
            sum->retained += retained->bytes[o];
            sum->native += retained->native ? retained->native[o] : 0;
        }
        if (!worklist_push(&stack, o) || !worklist_push(&stack, leave))
            goto out;
    }
    status = 0;
out:
    dominated_free(&tree);
    worklist_free(&stack);
    return status;
}

int retained_groups(const struct snapshot *snapshot, const struct type_order *order,
                    const struct site_table *sites, const struct retained *retained,
                    enum retained_by by, uint32_t most, struct arena *arena,
                    struct retained_list *list)
{
    int status = -1;
    uint64_t *bytes = NULL;
    struct group_sum *sums = NULL;
    struct best best = {0};
    *list = (struct retained_list){.by = by};
    uint32_t *group = malloc(((size_t)snapshot->object_count + 1) * sizeof *group);
    if (!group)
        goto out;
    uint32_t groups = group_all(snapshot, order, sites, by, group), candidates = 0;
    if (most > groups)
        most = groups;
    sums = calloc((size_t)groups + 1, sizeof *sums);
    bytes = calloc((size_t)groups + 1, sizeof *bytes);
    best = (struct best){bytes, malloc(((size_t)most + 1) * sizeof *best.items), 0, most};
    if (!sums || !bytes || !best.items || groups_walk(snapshot, retained, group, sums) < 0)
        goto out;
    for (uint32_t g = 0; g < groups; g++) {
        bytes[g] = sums[g].retained;
        if (bytes[g]) {
            candidates++;
            best_offer(&best, g);
        }
    }
    best_sort(&best);
    list->more = candidates - best.count;
    list->entries = arena_alloc(arena, best.count, sizeof *list->entries);
    if (!list->entries)
        goto out;
    for (; list->count < best.count; list->count++) {
        uint32_t g = best.items[list->count];
        struct retained_entry *entry = &list->entries[list->count];
        *entry = (struct retained_entry){.object = NO_ID,
                                         .objects = sums[g].objects,
                                         .shallow = sums[g].shallow,
                                         .retained = sums[g].retained,
                                         .native = sums[g].native};
        const char *file;
        uint32_t line;
        if (by == RETAINED_BY_TYPE) {
            entry->name = entry->type = order->name[g];
            entry->heap_type = order->flags[g] & OURO_TYPE_HEAP;
        } else if (by == RETAINED_BY_MODULE) {
            entry->name = snapshot->roots[g].name;
            entry->type = "module";
        } else {
            entry->site = g;
            site_place(sites->process, g, &file, &line, &entry->name);
        }
    }
    status = 0;
out:
    free(group);
    free(sums);
    free(bytes);
    free(best.items);
    return status;
}
