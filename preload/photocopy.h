/* SPDX-License-Identifier: MIT */
/*
 * The copy of the process that a snapshot is taken from: how it is made without the program
 * noticing, and what it lets go of before it starts.
 */
#ifndef OURO_PHOTOCOPY_H
#define OURO_PHOTOCOPY_H

#include <stdbool.h>

/*
 * Runs body(argument) in a silent copy of the process. Returns true in the program as soon as the
 * copy exists; body never returns. keep lists descriptors the copy needs, ascending, -1 last.
 */
bool photocopy(void (*body)(void *argument), void *argument, const int *keep);

#endif
