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

#include <stdint.h>

#include "snapshot.h"

/*
 * In memory from start to end only blocks that are in the live table count, all else there is dead. Before
 * unreached_write().
 */
void unreached_managed(uintptr_t start, uintptr_t end);

/*
 * Writes SNAPSHOT_UNREACHED, if the blocks of malloc and what the process consists of are known.
 * number: the address that a word in a block of the runtime may stand for as a number of the
 * runtime's, or 0.
 */
void unreached_write(struct snapshot *snapshot, uintptr_t (*number)(uint64_t word));

#endif
