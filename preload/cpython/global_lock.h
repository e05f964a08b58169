/* SPDX-License-Identifier: MIT */
/*
 * Whether any thread holds the interpreter's global lock, read from its memory. Where the lock keeps
 * that is found at start-up, by watching what follows it being let go and taken.
 */
#ifndef OURO_CPYTHON_GLOBAL_LOCK_H
#define OURO_CPYTHON_GLOBAL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Looks for the place. At a safe point of the main thread, before other threads exist. */
void global_lock_find(void);

/*
 * Whether nobody holds it; false as well where the place was not found. *turns counts how often
 * it went from one thread to another. Calls nothing.
 */
bool global_lock_free(uint64_t *turns);

#endif
