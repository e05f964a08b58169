/* SPDX-License-Identifier: MIT */
/*
 * Samples of the values that die: a block is chosen at its birth, by the allocation clock, and
 * watched; what it holds is read when it is freed, while the object is intact. So nothing is added
 * to the common birth and death.
 */
#ifndef OURO_CPYTHON_CHURNED_H
#define OURO_CPYTHON_CHURNED_H

#include <stdint.h>

/* The block of an object that was chosen. */
void churned_watch(uintptr_t block);

/* A watched block, chosen or not, dies of its reference count. */
void churned_died(uintptr_t block, uint32_t row, uint64_t size);

#endif
