/* SPDX-License-Identifier: MIT */
/*
 * The runtime's table of interned strings: a dict that no object refers to, found among the blocks by
 * what it holds, each key its own value. In the copy only.
 */
#ifndef OURO_CPYTHON_INTERNED_H
#define OURO_CPYTHON_INTERNED_H

#include "../snapshot.h"

/* Looks whether the block holds the table; notes its size in the snapshot if so. */
void interned_consider(struct snapshot *snapshot, uintptr_t block, uint64_t size);

#endif
