/* SPDX-License-Identifier: MIT */
/*
 * Limits on memory that the program sets itself (RLIMIT_AS, RLIMIT_DATA). The kernel counts the
 * address space that our tables reserve as the program's, gigabytes of which next to nothing is ever
 * touched; so the limit the kernel is given is that much higher, and the program reads back what it
 * asked for. A limit that was there from the start is not touched: then the tables are small
 * (memory_budget()).
 */
#ifndef OURO_RLIMIT_H
#define OURO_RLIMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "private.h"

/* Whether a limit is higher than the program asked for. */
extern PRIVATE bool rlimit_widened;

/* Before size more bytes are reserved: makes room for them. */
void rlimit_make_room(size_t size);

/*
 * Before this process becomes another program, which has none of our tables: the limits are what was
 * asked for. And after that failed: as before. Neither changes anything in memory, which a child of
 * vfork shares with its parent.
 */
void rlimit_before_exec(void);
void rlimit_after_exec(void);

#endif
