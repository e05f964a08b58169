/* SPDX-License-Identifier: MIT */
#include "graph/owner_map.h"

#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

/* Attributes through which generators, coroutines and asynchronous generators hold their frame. */
static const char *const frame_attribute[] = {"gi_frame", "cr_frame", "ag_frame"};
#define FRAME_ATTRIBUTES (sizeof frame_attribute / sizeof *frame_attribute)

#define SEVERAL (NO_ID - 1)

uint32_t *owner_map_build(const struct snapshot *snapshot)
{
    uint32_t count = snapshot->object_count;
    uint32_t *owner = malloc(((size_t)count + 1) * sizeof *owner);
    uint8_t *is_frame_attribute = calloc((size_t)snapshot->string_count + 1, 1);
    if (!owner || !is_frame_attribute) {
        free(owner);
        free(is_frame_attribute);
        return NULL;
    }
    for (uint32_t s = 1; s <= snapshot->string_count; s++) {
        for (size_t a = 0; a < FRAME_ATTRIBUTES; a++)
            is_frame_attribute[s] |= !strcmp(snapshot->strings[s], frame_attribute[a]);
    }

    memset(owner, 0xff, count * sizeof *owner);
    for (uint32_t o = 0; o < count; o++) {
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t label = snapshot->edge_label[e], target = snapshot->edge_target[e];
            uint32_t kind = label & OURO_LABEL_KIND_MASK;
            bool owns =
                kind == OURO_LABEL_NAMESPACE ||
                (kind == OURO_LABEL_ATTRIBUTE && is_frame_attribute[label >> OURO_LABEL_SHIFT]);
            if (!owns || !edge_counts(label, VIEW_STRONG) || target == o)
                continue;
            owner[target] = owner[target] == NO_ID || owner[target] == o ? o : SEVERAL;
        }
    }
    free(is_frame_attribute);

    /* Cut what is not a short chain; nothing prevents a trace from having a ring of owners. */
    for (uint32_t o = 0; o < count; o++) {
        if (owner[o] == SEVERAL)
            owner[o] = NO_ID;
    }
    for (uint32_t o = 0; o < count; o++) {
        uint32_t top = o;
        for (int steps = 0; owner[top] != NO_ID; top = owner[top]) {
            if (steps++ == OWNER_MAP_DEPTH) {
                owner[o] = NO_ID;
                break;
            }
        }
    }
    return owner;
}
