/* SPDX-License-Identifier: MIT */
/*
 * The arenas that CPython's allocator for small blocks has taken from the system. They are taken by
 * way of the public arena allocator (PyObject_SetArenaAllocator), which is passed through and noted.
 */
#ifndef OURO_CPYTHON_ARENAS_H
#define OURO_CPYTHON_ARENAS_H

#include <stdint.h>

/* Before the interpreter allocates; once. */
void arenas_install(void);

/* In the copy: tells what lies in them, pool by pool (runtime.h: claim_memory). */
void arenas_claim(void);

/* Calls back for each arena of small blocks. In the copy. */
void arenas_each(void (*arena)(uintptr_t start, uintptr_t end));

/*
 * Calls back for each small block that the allocator has given out, as its pools tell: recorded or not.
 * Several that are neighbours come as one. In the copy.
 */
void arenas_each_block(void (*block)(uintptr_t start, uintptr_t end));

/* Where the chunk of a stack of frames ends that begins at an address; 0: none does. */
uintptr_t arenas_frames_end(uintptr_t start);

#endif
