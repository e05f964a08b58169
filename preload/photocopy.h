/* SPDX-License-Identifier: MIT */
/*
 * The copy of the process that a snapshot is taken from: how it is made without the program
 * noticing, and what it lets go of before it starts.
 */
#ifndef OURO_PHOTOCOPY_H
#define OURO_PHOTOCOPY_H

#include <stdbool.h>
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

#endif
