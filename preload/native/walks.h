/* SPDX-License-Identifier: MIT */
/*
 * Walks of native stacks that are remembered. Programs ask for memory from the same places again and
 * again, and the frames further out stay where they are: a walk is the same as an earlier one if it
 * begins at the same place of the stack and every return address lies where it lay then. Where each lies
 * follows from the one before by the compiler's tables, so that equal words prove it; but for functions
 * that take a varying amount of stack (alloca), of which a word left over from before might be taken for
 * the address: then the block is told of the wrong caller.
 *
 * All but walks_follow() with the lock of native_state.h.
 */
#ifndef OURO_NATIVE_WALKS_H
#define OURO_NATIVE_WALKS_H

#include "native_state.h"

#define WALK_STEP 4u                  /* slots that are compared at once */
#define WALK_SLOTS (STACK_DEPTH + 4u) /* with frames of this library; whole steps */

struct walk {
    uintptr_t from; /* where in the stack it begins; 0: none */
    uint32_t site,
        stack;      /* of the last block from here: the runtime's site, and the stack's number */
    uint8_t kind;   /* and what it was */
    uint16_t slots; /* return addresses, those of this library first */
    uint16_t count; /* without those */
    bool ours;      /* a frame is of the host's library */
    /* The last step is filled up with the last of them. */
    uint32_t offset[WALK_SLOTS]; /* from → where a return address lies */
    uintptr_t word[WALK_SLOTS];  /* the address */
};

/* False: nothing is remembered, every walk is made anew. */
bool walks_setup(void *unwinder);

/* The walk that is the same as one from this place would be; NULL: none is known. high: the stack's end. */
struct walk *walks_find(uintptr_t from, uintptr_t high);

/*
 * Makes the walk of these addresses again, slowly, to learn where each return address lies. False: not
 * worth it yet, or it cannot be known. Without the lock.
 */
bool walks_follow(uintptr_t from, const uintptr_t *addresses, unsigned count, struct walk *walk);
void walks_keep(const struct walk *walk);

#endif
