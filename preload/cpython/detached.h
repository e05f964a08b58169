/* SPDX-License-Identifier: MIT */
/*
 * Where a thread stands that has let go of the interpreter, as C code does around what takes long. Its
 * frames cannot change until it comes back, and nobody else's can be looked at from here; but nothing may
 * be touched that the lock guards, a ledger among others.
 */
#ifndef OURO_CPYTHON_DETACHED_H
#define OURO_CPYTHON_DETACHED_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether stacks of such threads may be read. Not once the interpreter takes down the states of threads
 * that still run: when this returns, none is being read.
 */
void detached_allow(bool allowed);

/* The site of the calling thread, by the state it will come back with; 0: it has none, or may not look. */
uint32_t detached_site(void);

/* In a forked child: another thread may have been looking. */
void detached_forked(void);

#endif
