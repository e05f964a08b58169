/* SPDX-License-Identifier: MIT */
#include "sizes.h"

#include "../live_table.h"
#include "api.h"
#include "layout.h"
#include "objects.h"

#define ITEMS_MAX (1ul << 36)

/*
 * mimalloc, the allocator of builds without the global lock: up to 64 bytes in steps of 16, then four
 * steps to each power of two; blocks above 128 KiB are pages. Objects/mimalloc/page-queue.c
 * (mi_bin), os.c (_mi_os_good_alloc_size).
 */
static uint64_t mimalloc_block(uint64_t size)
{
    uint64_t words = (size + 7) / 8, step;
    if (words <= 1)
        return 8;
    if (words <= 8)
        return (words + 1) / 2 * 16;
    if (size <= 128u << 10)
        step = 1ul << (63 - __builtin_clzl(words - 1)) >> 2 << 3;
    else
        step = size < 512u << 10  ? 4096
               : size < 2u << 20  ? 65536
               : size < 8u << 20  ? 256u << 10
               : size < 32u << 20 ? 1u << 20
                                  : 4u << 20;
    return (size + step - 1) / step * step;
}

/* pymalloc: 16-byte classes up to 512, then malloc's chunks, which keep a word of their own. */
uint64_t sizes_block(uint64_t size)
{
    if (layout.free_threaded)
        return mimalloc_block(size);
    return (size <= LIVE_SIZE_LIMIT ? size + 15 : size + 8 + 15) & ~15ul;
}

/* PyUnicodeObject: the header by kind, then the characters and a NUL. */
static uint64_t string_bytes(uintptr_t object)
{
    unsigned bits =
        *(const uint32_t *)(object + layout.string_state) >> layout.string_interned_bits;
    unsigned kind = bits & 7, ascii = bits >> 4 & 1;
    uint64_t head = ascii ? layout.string_ascii : layout.string_compact;
    return head + (load_word(object, layout.string_length) + 1) * (kind ? kind : 1);
}

/* The number of items of a var-sized object. */
static uint64_t items(uintptr_t object, uintptr_t flags)
{
    uintptr_t word = load_word(object, layout.header);
    if (flags & FLAG_LONG && layout.minor >= 12)
        return word >> 3; /* lv_tag */
    intptr_t count = (intptr_t)word;
    return (uint64_t)(count < 0 ? -count : count);
}

/* Attribute values: a word, the values, and the order they came in, a byte each. */
static uint64_t values_bytes(uint64_t capacity)
{
    return 8 + 8 * capacity + ((capacity + 7) & ~7ul);
}

uint64_t sizes_own(uintptr_t object)
{
    uintptr_t type = object_type(object), flags = type_word(type, TP_FLAGS);
    uint64_t head = object_head(object), basic = type_word(type, TP_BASICSIZE);
    uint64_t item = type_word(type, TP_ITEMSIZE);
    if (type == (uintptr_t)api.unicode_type)
        return string_bytes(object);
    if (item && flags & FLAG_TYPE) /* a class: slots are its items, counted in basicsize's end */
        return head + basic;
    uint64_t count = item ? items(object, flags) : 0;
    if (count > ITEMS_MAX) /* a type whose count is elsewhere */
        count = 0;
    uint64_t size = head + basic + count * item;
    if (layout.values == VALUES_INLINE && flags & FLAG_INLINE_VALUES)
        size += values_bytes(*(const uint8_t *)(object + basic)); /* capacity */
    return size;
}

/* PyDictKeysObject: head, indices, and entries of which two thirds are usable. */
static uint64_t keys_bytes(uintptr_t keys)
{
    if (layout.values == VALUES_NONE) { /* up to 3.10: dk_size, hash tables of 24-byte entries */
        uint64_t size = load_word(keys, 8);
        uint64_t index = size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffffffff ? 4 : 8;
        return layout.keys_head + size * index + size * 2 / 3 * 24;
    }
    unsigned log_size = *(const uint8_t *)(keys + 8), log_index = *(const uint8_t *)(keys + 9);
    unsigned kind = *(const uint8_t *)(keys + 10); /* 0: general, entries have a hash */
    return layout.keys_head + (1ul << log_index) + (1ul << log_size) * 2 / 3 * (kind ? 16 : 24);
}

uint64_t sizes_keys_least(uintptr_t dict)
{
    uintptr_t keys = load_word(dict, layout.header + 16u);
    uint64_t used = load_word(dict, layout.header), slots = 8;
    while (slots * 2 / 3 < used)
        slots *= 2;
    uint64_t index = slots <= 0xff ? 1 : slots <= 0xffff ? 2 : slots <= 0xffffffff ? 4 : 8;
    bool general = layout.values == VALUES_NONE || !*(const uint8_t *)(keys + 10);
    return layout.keys_head + slots * index + slots * 2 / 3 * (general ? 24 : 16);
}

uint64_t sizes_split_values(uintptr_t dict)
{
    return load_word(load_word(dict, layout.header + 16u), 8) * 2 / 3 * 8; /* USABLE_FRACTION */
}

uint64_t sizes_owned(uintptr_t object)
{
    uintptr_t type = object_type(object), flags = type_word(type, TP_FLAGS);
    if (flags & FLAG_LIST)
        return load_word(object, layout.header + 16u) * 8; /* allocated */
    if (flags & FLAG_DICT) {
        uintptr_t keys = load_word(object, layout.header + 16u);
        bool split = load_word(object, layout.header + 24u) != 0; /* the class owns the keys */
        bool shared_empty =
            keys && load_word(object, layout.header) == 0 && *(const uint8_t *)(keys + 8) <= 1;
        return keys && !split && !shared_empty ? keys_bytes(keys) : 0;
    }
    if (type == (uintptr_t)api.set_type || type == (uintptr_t)api.frozenset_type) {
        uintptr_t table = load_word(object, layout.header + 24u);
        bool inside = table > object && table < object + type_word(type, TP_BASICSIZE);
        return inside ? 0 : (load_word(object, layout.header + 16u) + 1) * 16;
    }
    uintptr_t values = object_inline_values(object, type);
    if (values && layout.values != VALUES_INLINE) { /* as many as the class's keys have room for */
        uintptr_t keys = load_word(type, layout.heap_type_keys);
        return *(const uint8_t *)(values - 1) +
               8 * (load_word(keys, 16) + load_word(keys, 24)); /* dk_usable, dk_nentries */
    }
    return 0;
}
