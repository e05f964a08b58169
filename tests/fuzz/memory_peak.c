/* SPDX-License-Identifier: MIT */
#include "memory_peak.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

/* The linker gives these the real functions, and those of the code under test to the ones below. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_reallocarray(void *block, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_reallocarray(void *block, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

/* Tests and targets have one thread. */
static int64_t held, peak;

static void *count(void *block, size_t before)
{
    if (block) {
        held += (int64_t)malloc_usable_size(block) - (int64_t)before;
        peak = held > peak ? held : peak;
    }
    return block;
}

static size_t size_of(void *block)
{
    return block ? malloc_usable_size(block) : 0;
}

void *__wrap_malloc(size_t size)
{
    return count(__real_malloc(size), 0);
}

void *__wrap_calloc(size_t items, size_t size)
{
    return count(__real_calloc(items, size), 0);
}

void *__wrap_realloc(void *block, size_t size)
{
    size_t before = size_of(block);
    return count(__real_realloc(block, size), before);
}

void *__wrap_reallocarray(void *block, size_t items, size_t size)
{
    size_t before = size_of(block);
    return count(__real_reallocarray(block, items, size), before);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return count(__real_aligned_alloc(alignment, size), 0);
}

void __wrap_free(void *block)
{
    held -= (int64_t)size_of(block);
    __real_free(block);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void memory_peak_begin(void)
{
    held = peak = 0;
}

size_t memory_peak(void)
{
    return (size_t)peak;
}
