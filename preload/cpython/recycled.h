/* SPDX-License-Identifier: MIT */
/*
 * Types whose dead objects the interpreter keeps in free lists: only of these need the reference
 * tracer tell deaths, everything else dies when its block is freed.
 *
 * Most are known from the sources of CPython 3.8 to 3.15 (pycore_freelist_state.h, Objects/). One
 * that is not gives itself away: an object is announced in a block that the allocator did not give
 * just now and that no death was told of. It is entered then, so at most the objects that wait in
 * its free list at that moment keep the site of an earlier life.
 */
#ifndef OURO_CPYTHON_RECYCLED_H
#define OURO_CPYTHON_RECYCLED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../private.h"

#define RECYCLED_BITS 8u

/* A perfect hash: the multiplier is chosen so that no two of the types share a slot. */
struct recycled_types {
    uint64_t multiplier;
    struct recycled_type {
        uintptr_t type; /* 0: none */
        uintptr_t head; /* bytes before an object of it within its block */
    } slots[1u << RECYCLED_BITS];
};

extern PRIVATE _Atomic(const struct recycled_types *) recycled_types;

/*
 * Where there is no tracer (up to 3.12) they are only told apart in snapshots: what an object of these
 * types says of its birth may be true of an earlier one.
 */

/*
 * Enters the types known of CPython 3.minor; with numbers, int and float among them. Once, after
 * api_resolve().
 */
void recycled_setup(int minor, bool numbers);

/* Enters a type, unless another thread is entering one. */
void recycled_add(uintptr_t type);

/* The entry of this very type, or NULL when its objects are not recycled. */
static inline const struct recycled_type *recycled(uintptr_t type)
{
    const struct recycled_types *types =
        atomic_load_explicit(&recycled_types, memory_order_acquire);
    const struct recycled_type *slot =
        &types->slots[type * types->multiplier >> (64 - RECYCLED_BITS)];
    return slot->type == type ? slot : NULL;
}

#endif
