/* SPDX-License-Identifier: MIT */
/*
 * Numbers that an object has in every snapshot of a process, so that viewers can compare two of them:
 * a hash of address, birth and type. Where two objects of a snapshot have the same one, the younger
 * moves on to the next number that is free; so in a heap of millions one object in some thousand may
 * have another number in another snapshot.
 */
#ifndef OURO_ANALYZER_HEAPSNAPSHOT_IDS_H
#define OURO_ANALYZER_HEAPSNAPSHOT_IDS_H

#include "model/model.h"

/* Numbers below this are nobody's. */
#define HEAPSNAPSHOT_ID_FIRST 1024u

/*
 * The number of each object, odd and below 2^32: an array for free(), or NULL without memory or with
 * more than 2^30 objects.
 */
uint32_t *heapsnapshot_ids(const struct snapshot *snapshot);

#endif
