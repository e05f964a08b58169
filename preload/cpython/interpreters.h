/* SPDX-License-Identifier: MIT */
/*
 * Which interpreter of the process writes to which ledger, where the threads of one share it.
 *
 * Nobody says when an interpreter ends, and its address is often the next one's. Entries that no
 * thread is in are therefore given to others, the longest unused first, when the table is full: an
 * interpreter that lives on gets another ledger when a thread comes back to it.
 */
#ifndef OURO_CPYTHON_INTERPRETERS_H
#define OURO_CPYTHON_INTERPRETERS_H

#include <stdint.h>

struct ledger;

/* The ledger of all that belongs to no interpreter, and of the main one. */
struct ledger *interpreters_oldest(void);

/*
 * A thread enters an interpreter. Returns its ledger; the oldest one when there is no memory, or
 * when more interpreters run at the same time than the table has entries.
 */
struct ledger *interpreters_enter(uintptr_t interpreter);

/* A thread leaves the interpreter whose ledger this is. Any ledger or NULL may be given. */
void interpreters_leave(const struct ledger *ledger);

/* In a forked child: only the calling thread is left, in the interpreter whose ledger this is. */
void interpreters_forked(const struct ledger *ledger);

#endif
