/* SPDX-License-Identifier: MIT */
/* Which kinds of cycles a baseline has. */
#ifndef OURO_ANALYZER_KNOWN_CYCLES_H
#define OURO_ANALYZER_KNOWN_CYCLES_H

#include "cycles/cycles.h"

/*
 * Reads the baseline at path and notes for each group whether it has that kind of cycles. Returns 0, or
 * -1 with one line in error.
 */
int known_cycles_mark(const char *path, struct cycles *cycles, char *error, size_t error_size);

#endif
