/* SPDX-License-Identifier: MIT */
/*
 * The named roots: who holds what no object of the heap holds. In the copy only.
 */
#ifndef OURO_CPYTHON_ROOTS_H
#define OURO_CPYTHON_ROOTS_H

#include "../snapshot.h"

void roots_write(struct snapshot *snapshot, uintptr_t interpreter);

#endif
