/* SPDX-License-Identifier: MIT */
#include "interned.h"

#include "api.h"
#include "layout.h"
#include "objects.h"

#define LEAST 256u /* entries; every interpreter starts with more */
#define LOOKED 16u /* entries that are looked at */

/* Fields of PyDictKeysObject; the first was a size up to 3.10, from then on a logarithm. */
enum { DK_SIZE = 8, DK_INDEX = 9, DK_KIND = 10, DK_USABLE = 16, DK_ENTRIES = 24 };

static bool is_interned(uintptr_t string)
{
    return string && object_type(string) == (uintptr_t)api.unicode_type &&
           *(const uint32_t *)(string + layout.string_state) &
               ((1u << layout.string_interned_bits) - 1);
}

void interned_consider(struct snapshot *snapshot, uintptr_t block, uint64_t size)
{
    uintptr_t dict = block + (layout.free_threaded ? 0 : 16);
    if (size > 128 || size < (uint64_t)layout.header + 32 ||
        object_type(dict) != (uintptr_t)api.dict_type)
        return;
    uint64_t used = load_word(dict, layout.header);
    uintptr_t keys = load_word(dict, layout.header + 16u);
    if (used < LEAST || used <= snapshot->interned.used ||
        load_word(dict, layout.header + 24u)) /* has values of its own */
        return;
    uint64_t slots = load_word(keys, DK_SIZE), entry = 24, shift = 0;
    uintptr_t entries = keys + layout.keys_head;
    if (layout.values == VALUES_NONE) {
        entries += slots * (slots <= 0xff ? 1 : slots <= 0xffff ? 2 : slots <= UINT32_MAX ? 4 : 8);
        shift = 8; /* a pointer to a function is in between */
    } else {
        entry = *(const uint8_t *)(keys + DK_KIND) ? 16 : 24;
        slots = 1ul << *(const uint8_t *)(keys + DK_SIZE);
        entries += 1ul << *(const uint8_t *)(keys + DK_INDEX);
    }
    uint64_t count = load_word(keys, DK_ENTRIES + shift);
    for (uint64_t i = 0, looked = 0; i < count && looked < LOOKED; i++) {
        uintptr_t key = load_word(entries, i * entry + entry - 16);
        if (!key)
            continue;
        if (key != load_word(entries, i * entry + entry - 8) || !is_interned(key))
            return;
        looked++;
    }
    snapshot->interned.used = used;
    snapshot->interned.room = load_word(keys, DK_USABLE + shift);
    snapshot->interned.slots = slots;
}
