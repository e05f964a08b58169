/* SPDX-License-Identifier: MIT */
/*
 * Which items of two digests are the same although the source was edited between them. A line is found
 * again by its function and by what it allocates, in order: lines that were moved by an insertion
 * above, functions that changed places, and files that lie in another folder are the same.
 */
#ifndef OURO_ANALYZER_ALIGN_H
#define OURO_ANALYZER_ALIGN_H

#include "compare/digest.h"

struct alignment {
    uint32_t *after;  /* item before → item after, or NO_ID */
    uint32_t *before; /* the way back */
    uint32_t moved;   /* lines that have another number now */
};

/* Both digests are sorted. Returns 0, or -1 without memory; released by alignment_free() either way. */
int alignment_find(const struct digest *before, const struct digest *after,
                   struct alignment *alignment);
void alignment_free(struct alignment *alignment);

#endif
