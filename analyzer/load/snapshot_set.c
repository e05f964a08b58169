/* SPDX-License-Identifier: MIT */
#include "load/snapshot_set.h"

#include <stdio.h>
#include <string.h>

#include "load/loader.h"

/* Adds those that were loaded, with what the process itself said of them. Both are ascending. */
static void gather(struct snapshot_set *set, const struct snapshot *loaded, uint32_t loaded_count,
                   const struct snapshot *known, uint32_t known_count)
{
    for (uint32_t i = 0, k = 0; i < loaded_count; i++) {
        if (!loaded[i].loaded)
            continue;
        while (k < known_count && known[k].number < loaded[i].number)
            k++;
        set->snapshots[set->count] = loaded[i];
        if (k < known_count && known[k].number == loaded[i].number)
            set->snapshots[set->count].pause = known[k].pause;
        set->count++;
    }
}

int snapshot_set_load(const struct process *process, const uint32_t *numbers, uint32_t count,
                      struct snapshot_set *set, char *error, size_t error_size)
{
    struct process own = {.row_count = process->row_count, .damage = "-"};
    struct loader loader = {
        .process = &own, .wanted = numbers, .wanted_count = count, .snapshots_only = true};
    enum load_status status = LOAD_MEMORY;
    *set = (struct snapshot_set){.arena = arena_new()};
    struct chunk_reader *reader = chunk_reader_open(process->path, error, error_size);
    if (!reader)
        return -1;
    loader.arena = set->arena;
    if (!set->arena)
        goto done;
    loader.hole_budget = chunk_reader_size(reader);
    arena_set_limit(set->arena, load_memory_most(chunk_reader_size(reader)));
    status = load_chunks(&loader, reader);
    if (status == LOAD_DAMAGED) {
        snprintf(error, error_size, "%s: cannot be read: %s", process->path,
                 strerror(chunk_reader_error(reader)));
        goto done;
    }
    if (status == LOAD_OK && !load_snapshots_finish(&loader))
        status = LOAD_MEMORY;
    if (status != LOAD_OK)
        goto done;
    set->snapshots = arena_alloc(set->arena, count, sizeof *set->snapshots);
    if (!set->snapshots) {
        status = LOAD_MEMORY;
        goto done;
    }
    gather(set, own.snapshots, own.snapshot_count, process->snapshots, process->snapshot_count);
    gather(set, own.shapes, own.shape_count, process->shapes, process->shape_count);
done:
    sparse_free(&loader.snapshots);
    chunk_reader_close(reader);
    if (status == LOAD_MEMORY && set->arena)
        load_no_memory(set->arena, process->path, error, error_size);
    else if (status == LOAD_MEMORY)
        snprintf(error, error_size, "%s: not enough memory", process->path);
    return status == LOAD_OK ? 0 : -1;
}

void snapshot_set_free(struct snapshot_set *set)
{
    arena_free(set->arena);
    *set = (struct snapshot_set){0};
}
