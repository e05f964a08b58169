/* SPDX-License-Identifier: MIT */
/*
 * The arenas that CPython's allocator for small blocks has taken from the system. They are taken by
 * way of the public arena allocator (PyObject_SetArenaAllocator), which is passed through and noted.
 */
#ifndef OURO_CPYTHON_ARENAS_H
#define OURO_CPYTHON_ARENAS_H

/* Before the interpreter allocates; once. */
void arenas_install(void);

/* In the copy: tells what lies in them, pool by pool (runtime.h: claim_memory). */
void arenas_claim(void);

#endif
