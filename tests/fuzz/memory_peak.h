/* SPDX-License-Identifier: MIT */
/*
 * How much memory the code under test holds, exactly: programs with this are linked with --wrap for
 * malloc and its kin. What libraries allocate does not count (zstd, jansson, stdio).
 */
#ifndef OURO_MEMORY_PEAK_H
#define OURO_MEMORY_PEAK_H

#include <stddef.h>

/* From now on. */
void memory_peak_begin(void);
/* Bytes held beyond those at the beginning, at the worst moment since. */
size_t memory_peak(void);

#endif
