/* SPDX-License-Identifier: MIT */
/*
 * CPython's allocator hooks. Owns the two hooked domains (MEM and OBJ) and feeds the ledger.
 * Inside a hook nothing of the interpreter is called but the original allocator, once.
 */
#ifndef OURO_CPYTHON_HOOKS_H
#define OURO_CPYTHON_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "../private.h"

/* What the adapter has reached; read on every allocation. */
struct ledger;
struct live_block;

struct hook_state {
    bool stacks; /* the layout was checked: stacks may be read */
    bool off;    /* recording has ended: hooks only pass through */
    bool aside; /* what is allocated now is the recorder's own doing; the program's may die of it */
    bool booting; /* the first allocation after Py_Initialize has yet to be seen */
    bool special; /* any of this is not as it is while a program runs */
};

/* Change one of these. */
void hooks_set_stacks(bool stacks);
void hooks_set_off(bool off);
void hooks_set_aside(bool aside);
void hooks_set_booting(bool booting);

extern PRIVATE struct hook_state hook_state;

/* Called from a hook while booting is set; clears it when there is nothing left to wait for. */
extern void (*hooks_on_boot)(void);

/* Puts the hooks on top of the present allocators where they are not already. */
void hooks_install(void);

/* The thread's own state, or 0 when it has none or does not hold the interpreter. */
uintptr_t hooks_thread_state(void);

/* Has the death of the block at address told to code.h and dying.h. */
void hooks_watch(uintptr_t block);

/*
 * In the copy made for a snapshot: all three domains get an allocator of their own that never
 * frees, so that neither the program's allocator nor its locks are touched again.
 */
struct bump;
void hooks_divert(struct bump *bump);

#endif
