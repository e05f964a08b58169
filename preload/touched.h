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

#define TOUCHED_PAGES 4096u /* that can be asked for at once */

/* Once, before all else. */
void touched_begin(void);

/*
 * Sets there[i] to whether page i of count from start on may hold something. private: the memory is the
 * process's own, and pages that are as in a file hold nothing. False: it is no memory.
 */
bool touched(uintptr_t start, size_t count, bool private, bool there[TOUCHED_PAGES]);

/* Whether there is a page in memory at an address; the guard of a stack, say, has none. */
bool touched_is_there(uintptr_t address);

#endif
