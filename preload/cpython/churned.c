/* SPDX-License-Identifier: MIT */
#include "churned.h"

#include <string.h>

#include "../options.h"
#include "../value_samples.h"
#include "api.h"
#include "code.h"
#include "hooks.h"
#include "layout.h"
#include "value_kind.h"
#include "value_text.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SIZE_MOST 4096u /* bytes of a value that is hashed within the program's time */

void churned_watch(uintptr_t block)
{
    if (hook_state.stacks)
        hooks_watch(block);
}

/* Interned strings are one object already. */
static bool is_interned(uintptr_t string)
{
    return *(const uint32_t *)(string + layout.string_state) &
           ((1u << layout.string_interned_bits) - 1);
}

void churned_died(uintptr_t block, uint32_t row, uint64_t size)
{
    if (!hook_state.stacks || size < layout.header + 16u)
        return;
    /* str and bytes start where their blocks do, and no free list keeps them. */
    uintptr_t type = object_type(block);
    enum value_kind kind = type == (uintptr_t)api.unicode_type ? VALUE_STR
                           : type == (uintptr_t)api.bytes_type ? VALUE_BYTES
                                                               : VALUE_NONE;
    struct value_content content;
    if (kind == VALUE_NONE || (kind == VALUE_STR && is_interned(block)) ||
        !value_content(block, kind, &content) || content.cached)
        return;
    struct value_sample sample = {.row = row, .size = size, .length = content.length};
    uintptr_t start = (uintptr_t)content.data;
    bool inside = start > block && start - block <= size && content.size <= size - (start - block);
    if (content.size <= SIZE_MOST && inside) {
        XXH128_hash_t hash = XXH3_128bits_withSeed(content.data, content.size, content.tag + kind);
        sample.hash[0] = hash.low64 | 1;
        sample.hash[1] = hash.high64;
        if (options.values)
            sample.flags =
                value_text(block, sample.preview, sizeof sample.preview, &sample.preview_length);
        else
            sample.length = 0;
    }
    value_samples_add(&sample);
}
