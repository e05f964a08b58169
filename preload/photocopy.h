/* SPDX-License-Identifier: MIT */
/*
 * The copy of the process that a snapshot is taken from: how it is made without the program
 * noticing, and what it lets go of before it starts.
 */
#ifndef OURO_PHOTOCOPY_H
#define OURO_PHOTOCOPY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Runs body(argument) in a silent copy of the process. Returns true in the program as soon as the
 * copy exists; body never returns. keep lists descriptors the copy needs, ascending, -1 last.
 */
bool photocopy(void (*body)(void *argument), void *argument, const int *keep);

/*
 * The same, but the copy is a child of the calling process, which must wait for it: with __WALL, for
 * no other wait() sees it. Returns its process id, or -1.
 */
pid_t photocopy_child(void (*body)(void *argument), void *argument, const int *keep);

/* In the copy: the kernel's table of its pages (/proc/self/pagemap), -1 where it cannot be had. */
int photocopy_pages(void);

/* The stack that a copy made by photocopy() runs on; both 0: it is the program's. */
void photocopy_stack(uintptr_t *start, uintptr_t *end);

#endif
