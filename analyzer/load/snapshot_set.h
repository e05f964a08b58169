/* SPDX-License-Identifier: MIT */
/*
 * Further snapshots of a process whose run is open: for analyses that compare several. They have
 * memory of their own, so that one after the other can be loaded and released.
 */
#ifndef OURO_ANALYZER_SNAPSHOT_SET_H
#define OURO_ANALYZER_SNAPSHOT_SET_H

#include "model/model.h"

struct snapshot_set {
    struct snapshot *snapshots; /* those that were asked for and are there: of the heap, then of
                                   collections, each ascending by number */
    uint32_t count;
    struct arena *arena;
};

/*
 * Reads the process's trace once more and loads the snapshots of these numbers, which must ascend;
 * process->snapshots and process->shapes say which there are. Those not whole are loaded as far as they go and say so.
 * Rows refer to the process's. Returns 0, or -1 with one line in error; released by
 * snapshot_set_free() either way.
 */
int snapshot_set_load(const struct process *process, const uint32_t *numbers, uint32_t count,
                      struct snapshot_set *set, char *error, size_t error_size);
void snapshot_set_free(struct snapshot_set *set);

#endif
