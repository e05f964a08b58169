/* SPDX-License-Identifier: MIT */
/*
 * What the process's resident memory is made of at a snapshot: SNAPSHOT_MEMORY. The program's side
 * reads the kernel's list of mappings and the stacks of its threads, for these are others in a copy. The
 * copy then tells what lies in the mappings: blocks of the runtime, what of malloc's heaps is in use,
 * blocks with mappings of their own, memory of the recorder. Owns the list.
 *
 * Every resident page is counted under one kind: whoever knows what lies in a range claims it, and what
 * nobody claimed counts as what its mapping is.
 */
#ifndef OURO_RESIDENT_H
#define OURO_RESIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ouro/trace.h"

struct snapshot;

/* In the constructor: finds what the measurement calls. */
void resident_setup(void);

/*
 * In the program, before it is copied. `bounded`: only if that takes at most a fiftieth of the time.
 * What was measured before is void in any case.
 */
void resident_measure(bool bounded);

/* In a forked child: the parent's measurement is not its. */
void resident_forget(void);

/* The rest is for the copy. */

/* Finds what lies where, and writes the chunk, if there was a measurement. */
void resident_write(struct snapshot *snapshot);

/* Lists the mappings alone; false: they cannot be read. What is measured then is void. */
bool resident_list(void);

/*
 * What glibc's malloc has, once the copy found it: heaps, and blocks with mappings of their own. Several blocks may have one mapping, but each is an entry. In no order.
 */
enum resident_heap_kind { HEAP_BREAK, HEAP_ARENA, HEAP_BLOCK };
struct resident_heap {
    uintptr_t start, end;
    enum resident_heap_kind kind;
};
const struct resident_heap *resident_heaps(uint32_t *count);

/* For runtime.h's claim_memory: */

/*
 * Claims what is resident of [start, end), and returns how many bytes that is; the caller counts them
 * under kinds. pages: NULL, or room for a byte a page, each then tells whether the page is resident.
 */
uint64_t resident_claim(uintptr_t start, uintptr_t end, unsigned char *pages);

/* Counts resident bytes, bytes in all, and how many pieces these are. */
void resident_count(enum ouro_memory_kind kind, uint64_t resident, uint64_t extent,
                    uint64_t pieces);

/* Counts the runtime's pools for blocks of a size: blocks in use and blocks there is room for. */
void resident_count_pool(uint32_t size, uint64_t used, uint64_t room);

/*
 * The mappings, by number: which holds an address, UINT32_MAX: none; and all that is unclaimed of an
 * anonymous one, which is claimed with it.
 */
uint32_t resident_mapping_count(void);
uint32_t resident_mapping_of(uintptr_t address);
uint64_t resident_claim_rest(uint32_t mapping, uint64_t *extent);

#endif
