/* SPDX-License-Identifier: MIT */
/*
 * Memory of the shim's own, straight from the kernel: never malloc, which belongs to the program
 * and may be re-entered from inside it. Two forms: reserved arrays, whose elements never move and
 * cost nothing until touched, and a bump allocator for the snapshot process, which frees nothing.
 */
#ifndef OURO_MEMORY_H
#define OURO_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reserves size bytes of zeroed address space (MAP_NORESERVE; pages are given on first touch).
 * Returns NULL when the address space is limited (RLIMIT_AS) or exhausted.
 */
void *memory_reserve(size_t size);
void memory_release(void *start, size_t size);

/*
 * Address space the shim may reasonably take: an eighth of what a limit (RLIMIT_AS, RLIMIT_DATA) leaves the
 * program, a 64th of what a kernel that promises no more memory than it has can still promise;
 * UINT64_MAX where there is neither.
 */
uint64_t memory_budget(void);

/* Bytes reserved so far and not released: the upper bound of what the shim can hold. */
uint64_t memory_reserved(void);

/*
 * What is reserved at present, by number up to the count; false: that number is free. The first few
 * thousand reservations are known, what comes beyond is not.
 */
uint32_t memory_range_count(void);
bool memory_range(uint32_t number, uintptr_t *start, size_t *size);

/* A bump allocator over blocks of reserved memory. Zero-initialise; limit 0 means no limit. */
struct bump {
    unsigned char *next, *end;
    uint64_t total; /* bytes taken from the kernel */
    uint64_t limit; /* bytes after which bump_alloc fails */
};

/* size bytes aligned to 16, not cleared beyond what the kernel gave. NULL when out of memory. */
void *bump_alloc(struct bump *bump, size_t size);

#endif
