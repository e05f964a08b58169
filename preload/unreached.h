/* SPDX-License-Identifier: MIT */
/*
 * Blocks of malloc (chunks.h) that nothing leads to: native leaks. In the copy, at its end.
 *
 * What leads to a block is a word anywhere in the process's memory that is an address within it: in
 * variables, stacks and what threads have of their own, in mappings of whatever kind, in blocks of the
 * runtime that are in use, and in blocks of malloc that something leads to. Not looked at is what nobody
 * will read again: free memory of malloc and of the runtime, the end of the own stack that calls have
 * left, memory of the recorder. So a block may be found although it is leaked, because of a number
 * or a forgotten word; but not the other way round, as far as addresses stand somewhere as they are.
 */
#ifndef OURO_UNREACHED_H
#define OURO_UNREACHED_H

#include <stdbool.h>
#include <stdint.h>

#include "snapshot.h"

/*
 * In memory from start to end only the runtime's blocks count, all else there is dead. Before
 * unreached_write().
 */
void unreached_managed(uintptr_t start, uintptr_t end);

struct unreached_runtime {
    /* The address that a word in a block of the runtime may stand for as a number of the runtime's, or 0. */
    uintptr_t (*number)(uint64_t word);
    /*
     * Where the live table has only some of the runtime's blocks, else NULL: calls back for each that is none
     * of malloc's; and whether a block of malloc is an object. Those count as held; what else the
     * runtime has there is searched like any other.
     */
    void (*each)(void (*block)(uintptr_t start, uintptr_t end));
    bool (*is_object)(uintptr_t block, uint64_t size);
};

/* Writes SNAPSHOT_UNREACHED, if the blocks of malloc and what the process consists of are known. */
void unreached_write(struct snapshot *snapshot, const struct unreached_runtime *of);

#endif
