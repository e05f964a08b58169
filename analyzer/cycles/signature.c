/* SPDX-License-Identifier: MIT */
#include "cycles/signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static int hash_compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

int signature_of_path(const struct cycle_core *core, const struct cycle_path *path,
                      uint64_t *signature)
{
    uint64_t few[32], *hashes = few;
    if (path->length > sizeof few / sizeof *few) {
        hashes = malloc(path->length * sizeof *hashes);
        if (!hashes)
            return -1;
    }
    for (uint32_t i = 0; i < path->length; i++)
        hashes[i] = core->steps[path->step[i]].hash;
    qsort(hashes, path->length, sizeof *hashes, hash_compare);
    uint32_t distinct = 0;
    for (uint32_t i = 0; i < path->length; i++) {
        if (!distinct || hashes[i] != hashes[distinct - 1])
            hashes[distinct++] = hashes[i];
    }
    *signature = XXH3_64bits(hashes, distinct * sizeof *hashes) >> 16;
    if (hashes != few)
        free(hashes);
    return 0;
}

void signature_text(uint64_t signature, char text[SIGNATURE_TEXT_SIZE])
{
    snprintf(text, SIGNATURE_TEXT_SIZE, "cycle:%012" PRIx64, signature & 0xffffffffffffu);
}
