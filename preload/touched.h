/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a large range hold anything, so that the rest need not be read: what was never written
 * to has no page. In the copy, which has the program's private pages, swapped out or not.
 */
#ifndef OURO_TOUCHED_H
#define OURO_TOUCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A walk over a range, in the copy. private: the memory is the process's own, and pages that are as in a file
 * hold nothing. One at a time.
 */
struct touched_walk {
    uintptr_t at, end;
    bool private;
    bool failed;                    /* the rest is no memory */
    uintptr_t asked_from, asked_to; /* where it is known which pages hold anything */
};

static inline struct touched_walk touched_begin(uintptr_t start, uintptr_t end, bool private)
{
    return (struct touched_walk){.at = start, .end = end, .private = private};
}

/* The next part of it whose pages may all hold something; false: there is none. */
bool touched_next(struct touched_walk *walk, uintptr_t *start, uintptr_t *end);

/* Whether there is a page in memory at an address; the guard of a stack, say, has none. */
bool touched_is_there(uintptr_t address);

#endif
