/* SPDX-License-Identifier: MIT */
/*
 * Blocks of malloc (chunks.h) as part of the snapshot's graph: which of them the runtime's objects hold,
 * which those lead to, and as what they are written. In the copy only; the adapter tells what objects
 * hold (cpython/owners.h), the rest is the same for every runtime.
 *
 * A block is an object's if its address stands in the object's memory. What variables of libraries lead
 * to without passing such a block is nobody's. What a block leads to belongs to it, or to several.
 */
#ifndef OURO_CHUNK_GRAPH_H
#define OURO_CHUNK_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "chunks.h"
#include "snapshot.h"

/* An object that has a block's address. */
struct chunk_hold {
    uint32_t object, chunk;
    uint64_t label; /* of the reference; set for those that are kept */
    uint32_t type;  /* of what the object holds; likewise */
    bool start;     /* it is the block's start */
    bool dropped;   /* it does not own the block */
};

struct chunk_holds {
    struct chunk_hold *hold; /* ascending by object */
    uint32_t count;
    /* Of chunk c those with the numbers of[first[c]] to of[first[c + 1] - 1], ascending. */
    uint32_t *first, *of;
};

/* Nothing can be held yet; false: the blocks are not known. */
bool chunk_graph_begin(struct snapshot *snapshot);

/* A block that is the runtime's itself: nobody holds it, and it leads nowhere. */
void chunk_graph_exclude(uintptr_t address);

/*
 * Notes the block that a word of an object's memory leads to; false: none. It does if it is the address of
 * the block's start, or of a place right behind it: what has been aligned, or is a part of a structure.
 * Numbers that are an address by chance are too many to take any other. Objects must come in ascending order.
 */
bool chunk_graph_hold(uint32_t object, uintptr_t word);

/* All holds, in both orders; an address within a block counts only if nobody has that of its start. */
struct chunk_holds *chunk_graph_holds(struct snapshot *snapshot);

/*
 * Marks what lies below, and gives what is held its place in the snapshot. The type is
 * for what belongs to no one type of objects.
 */
void chunk_graph_own(struct snapshot *snapshot, uint32_t shared_type);

/* Writes which blocks an object holds; in ascending order of objects (snapshot_found()). */
void chunk_graph_write_held(struct snapshot *snapshot, uint32_t object);

/* Writes the blocks, behind all objects. */
void chunk_graph_write(struct snapshot *snapshot);

/* Forgets it all: nothing is held. */
void chunk_graph_drop(void);

#endif
