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

/* Calls back for each arena all of whose blocks in use are in the live table. In the copy. */
void arenas_each(void (*arena)(uintptr_t start, uintptr_t end));

/* Where the chunk of a stack of frames ends that begins at an address; 0: none does. */
uintptr_t arenas_frames_end(uintptr_t start);

#endif
