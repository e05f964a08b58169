/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "export/heapsnapshot_parts.h"
#include "graph/root_name.h"

const char *const heapsnapshot_group_name[GROUP_COUNT] = {
    [GROUP_FIRST] = "",
    [GROUP_FRAMES] = "(frames)",
    [GROUP_INTERPRETER] = "(interpreter)",
    [GROUP_CALLBACKS] = "(callbacks at exit and for signals)",
    [GROUP_STATIC_TYPES] = "(static types)",
    [GROUP_INTERNED] = "(interned strings)",
    [GROUP_LIBRARIES] = "(memory of libraries)",
    [GROUP_STATIC] = "(static objects)",
    [GROUP_IMMORTAL] = "(immortal objects)",
    [GROUP_UNKNOWN] = "(unknown holders)",
    [GROUP_GARBAGE] = "(garbage)",
};

static enum group group_of(const struct snapshot *snapshot, const struct heap_roots *roots,
                           uint32_t object)
{
    if (roots->reason[object] == ROOT_UNKNOWN)
        return GROUP_UNKNOWN;
    uint32_t record = heap_roots_record(roots, object);
    if (record == NO_ID)
        return snapshot->flags[object] & OURO_OBJECT_IMMORTAL ? GROUP_IMMORTAL : GROUP_STATIC;
    switch (snapshot->roots[record].kind) {
    case OURO_ROOT_MODULE:
        return GROUP_FIRST; /* as viewers show what a program calls global */
    case OURO_ROOT_LOCAL:
    case OURO_ROOT_STACK:
    case OURO_ROOT_CODE:
        return GROUP_FRAMES;
    case OURO_ROOT_ATEXIT:
    case OURO_ROOT_SIGNAL:
        return GROUP_CALLBACKS;
    case OURO_ROOT_STATIC_TYPE:
        return GROUP_STATIC_TYPES;
    case OURO_ROOT_INTERNED:
        return GROUP_INTERNED;
    case OURO_ROOT_STATIC_DATA:
    case OURO_ROOT_MEMORY:
        return GROUP_LIBRARIES;
    default:
        return GROUP_INTERPRETER;
    }
}

int heapsnapshot_roots_find(const struct snapshot *snapshot, const struct retained *retained,
                            struct heapsnapshot_strings *strings, struct heapsnapshot_roots *roots)
{
    const struct heap_roots *all = &retained->roots;
    const struct root_paths paths = {snapshot, all, NULL}; /* only their roots are named */
    struct arena *arena = NULL;
    int status = -1;
    *roots = (struct heapsnapshot_roots){
        .group = malloc((size_t)all->count + 1),
        .name = malloc(((size_t)all->count + 1) * sizeof *roots->name),
    };
    if (!roots->group || !roots->name)
        goto out;
    for (uint32_t r = 0; r < all->count; r++) {
        struct root_name name;
        if (r % 4096 == 0) { /* names are many and short-lived */
            arena_free(arena);
            arena = arena_new();
        }
        if (!arena || root_name_make(&paths, all->object[r], false, arena, &name) < 0)
            goto out;
        roots->group[r] = (uint8_t)group_of(snapshot, all, all->object[r]);
        roots->edges[roots->group[r]]++;
        roots->name[r] = heapsnapshot_string_made(strings, "", name.text, "");
    }
    roots->edges[GROUP_GARBAGE] = retained->dominators.dead_count;
    roots->edges[GROUP_FIRST] += GROUP_COUNT - 1;
    status = strings->failed ? -1 : 0;
out:
    arena_free(arena);
    return status;
}

void heapsnapshot_roots_free(struct heapsnapshot_roots *roots)
{
    free(roots->group);
    free(roots->name);
    *roots = (struct heapsnapshot_roots){0};
}
