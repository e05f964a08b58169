/* SPDX-License-Identifier: MIT */
/*
 * The named roots: who holds what no object of the heap holds. In the copy only.
 */
#ifndef OURO_CPYTHON_ROOTS_H
#define OURO_CPYTHON_ROOTS_H

#include "../private.h"
#include "../snapshot.h"

/* Roots that are known for sure: modules, frames of all threads, signal handlers. */
void roots_write(struct snapshot *snapshot, uintptr_t interpreter);

/* Our own callback of atexit, by which the others are found; 0: there is none. */
extern PRIVATE uintptr_t roots_exit_callback;

/*
 * Roots of what is still unexplained (surplus.h): where it stands in the memory of the interpreter,
 * of its threads, of libraries.
 */
void roots_search(struct snapshot *snapshot, uintptr_t interpreter);

#endif
