/* SPDX-License-Identifier: MIT */
/*
 * Filters of system calls (seccomp) that the program gives itself. A sandbox allows what the program
 * needs; a call of ours that is not among that ends the process. So a filter is asked, before the kernel
 * gets it, what it says to each of the calls that recording needs, and those of our works are given up that it
 * does not allow. A call that fails with an error is dealt with where it is made, as any error is.
 * A filter that was there from the start cannot be read, and is not known.
 */
#ifndef OURO_SECCOMP_H
#define OURO_SECCOMP_H

#include <stdatomic.h>

#include "private.h"

/* What a filter forbids. */
enum seccomp_work {
    SECCOMP_RECORDING =
        1, /* writing to the trace, and all else that goes on while the program runs */
    SECCOMP_COPYING = 2,   /* making a copy of the process */
    SECCOMP_BEGINNING = 4, /* a trace of its own, for a child */
    SECCOMP_RESERVING = 8, /* memory for tables */
    SECCOMP_ASKING = 16,   /* whether there is a file that shall be executed */
};

/* Of enum seccomp_work, those that are given up. */
extern PRIVATE _Atomic unsigned seccomp_forbids;

/* Finds the functions that are interposed. Once, in the constructor. */
void seccomp_resolve(void);

static inline unsigned seccomp_forbidden(unsigned works)
{
    return atomic_load_explicit(&seccomp_forbids, memory_order_relaxed) & works;
}

#endif
