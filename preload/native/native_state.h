/* SPDX-License-Identifier: MIT */
/*
 * libouro-native.so within itself: the sampled blocks, the stacks they came from, the modules that code
 * lies in. All of it but the hooks' own words is guarded by one lock, which is taken only for sampled
 * blocks and never while the loader is called.
 */
#ifndef OURO_NATIVE_STATE_H
#define OURO_NATIVE_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../native.h"
#include "../private.h"
#include "lock.h"
#include "ouro/trace.h"

#define STACK_DEPTH 64u
#define STACK_BITS 18u /* of a stack's number */

struct native_state {
    const struct native_host *host;
    _Atomic bool active;
    struct native_wishes wishes;
    uint64_t clock, next_epoch; /* bytes allocated so far, and at which an epoch is due */
    struct lock lock;
};

extern PRIVATE struct native_state native;

struct native_thread {
    int64_t until; /* bytes to the next sample */
    uint64_t random;
    int inside; /* what is called now is our own doing, or the allocator's */
};

extern PRIVATE __thread struct native_thread native_thread;

/* With the lock: more was allocated. */
void native_allocated(uint64_t bytes);

/* stacks.c */

/* What one stack's blocks come to, each counted with its weight, in units of 1/OURO_SAMPLE_UNIT. A part
 * of a mapping may be dead before the whole is. */
struct native_counts {
    uint64_t births, bytes, deaths, dead_bytes;
};

/* Finds the unwinder and has it learn what it must; false: there is none. */
bool stacks_setup(void);
/*
 * Takes the lock and returns the number of the calling thread's stack, without the frames of this library;
 * from: where the return address of a frame of this library lies, from which on stacks are told apart. Without
 * native frames where the thread's stack has no room left for a walk. 0: a block of the runtime, which is
 * recorded as that, or there is no room for more stacks. All mappings of the runtime have one stack, of
 * OURO_NATIVE_ARENA.
 */
uint32_t stacks_here(uintptr_t from, enum ouro_native_kind kind);
struct native_counts *stacks_counts(uint32_t stack);
enum ouro_native_kind stacks_kind(uint32_t stack);
void stacks_fork_child(void);
bool stacks_put(struct payload *out);
bool stacks_put_kinds(struct payload *out);
bool stacks_put_counts(struct payload *out, uint64_t clock, uint64_t time);

/* blocks.c, with the lock but for blocks_maybe() and blocks_known() */

/* After the wishes are known. */
bool blocks_setup(void);
/* Puts one in. True: there was one, whose death was missed; it is replaced. */
bool blocks_put(uintptr_t block, uint64_t size, uint32_t stack, uint64_t *old_size,
                uint32_t *old_stack);
/* Takes a block out; false: it is none of the sampled ones. */
bool blocks_take(uintptr_t block, uint64_t *size, uint32_t *stack);
/* The same, but leaves it there. In a copy of the process it may be called without the lock. */
bool blocks_find(uintptr_t block, uint64_t *size, uint32_t *stack);

#define BLOCKS_STRETCH_BITS 15u
/* Blocks of the hash table in each 32 KiB, and one more where the map has a table. */
extern PRIVATE _Atomic uint16_t *blocks_stretches;

/* Whether a block may be a sampled one; what nearly every free() comes to. */
static inline bool blocks_maybe(uintptr_t block)
{
    _Atomic uint16_t *stretches = blocks_stretches;
    return stretches && block >> 47 == 0 &&
           __builtin_expect(atomic_load_explicit(&stretches[block >> BLOCKS_STRETCH_BITS],
                                                 memory_order_relaxed) != 0,
                            0);
}

/* Whether it is likely to be one, if it may be. Of a block that the calling thread may free. */
bool blocks_known(uintptr_t block);

/* mappings.c, with the lock. Addresses are of whole pages. */

bool mappings_setup(void);
/* What is known between two addresses is gone from now on. */
void mappings_remove(uintptr_t start, uintptr_t end);
/* Something new is there, in the place of what was known. */
void mappings_add(uintptr_t start, uintptr_t end, uint32_t stack);
/* The stack of the mapping that an address lies in; 0: none is known. */
uint32_t mappings_find(uintptr_t address);

/* mapping_hooks.c */

void mapping_hooks_resolve(void);
/* An address within the host's library, and one within the allocator's: their calls pass through. */
void mapping_hooks_pass(uintptr_t host, uintptr_t allocator);
void mapping_hooks_fork_prepare(void);
void mapping_hooks_fork_parent(void);
void mapping_hooks_fork_child(void);

/* modules.c */

/* Looks whether libraries came since; may take the loader's lock, so without ours. */
void modules_refresh(void);
bool modules_put(struct payload *out);
void modules_fork_child(void);
/* The text of the library that holds an address. */
bool modules_range(uintptr_t address, uintptr_t *start, uintptr_t *end);

#endif
